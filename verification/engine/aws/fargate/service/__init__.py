"""The service: deployments, and how many tasks run."""
