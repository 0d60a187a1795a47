"""The addresses of the application, one blueprint per subject."""
