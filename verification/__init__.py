"""FileShare Plus verification: proves, rung by rung, what the plan promises."""
