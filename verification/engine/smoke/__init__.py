"""The smoke rung: deployments, their users, and scenarios."""
