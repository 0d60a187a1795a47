"""AWS: its IAM, the emulator that stands in for it, Fargate, and reading what is live."""
