"""The verifier verified."""
