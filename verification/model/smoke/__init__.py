"""Observations of the smoke rung: what scenarios return, and checks judge."""
