"""Checks of a change: its effect on data, and the result of its rehearsal."""
