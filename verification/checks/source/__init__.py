"""Checks of what is written: the Terraform source, the backend and the workflow."""
