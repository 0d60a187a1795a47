"""Whether a request is allowed by policies."""
