"""Terraform: its command line, diagnostics and plans."""
