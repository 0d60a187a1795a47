"""The run: shared state, schedule and facts."""
