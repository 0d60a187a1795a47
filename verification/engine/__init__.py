"""The machinery of the verification: knows nothing of pytest."""
