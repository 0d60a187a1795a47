"""Checks of a change: what it does to data, and how its rehearsal went."""
