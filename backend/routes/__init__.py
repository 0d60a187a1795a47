"""The routes of the application, one blueprint per subject."""
