"""What policies allow beyond the needs, or beyond other policies."""
