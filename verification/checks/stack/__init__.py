"""Checks of a stack, planned or live."""
