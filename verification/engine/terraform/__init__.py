"""Terraform: its command line, its messages, and its plans."""
