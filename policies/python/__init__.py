"""Policies for checkov, which loads a folder only if it has this file."""
