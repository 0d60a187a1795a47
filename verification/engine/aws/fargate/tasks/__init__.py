"""One task: its process, credentials, metadata and logs."""
