"""The evaluator: whether policies allow a request."""
