"""The emulator's own process: requests, answers, access control and fault injection."""
