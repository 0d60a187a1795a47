"""Readers of source files: Terraform, the backend, the deploy workflow."""
