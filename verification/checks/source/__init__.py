"""Checks of the Terraform source, the backend's source and the deploy workflow."""
