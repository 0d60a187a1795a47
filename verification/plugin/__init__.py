"""The suite's plugin for pytest."""
