"""Checks of what the smoke rung saw a deployment do."""
