"""The engine: runs Terraform, checkov, the embedded AWS and scenarios. It does not use pytest."""
