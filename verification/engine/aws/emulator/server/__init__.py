"""The emulator's process: requests, answers, IAM enforcement and fault injection."""
