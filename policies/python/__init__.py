"""Policies for checkov; it loads a folder only with this file in it, and says nothing without."""
