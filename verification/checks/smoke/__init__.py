"""Checks of the smoke rung's observations of a deployment."""
