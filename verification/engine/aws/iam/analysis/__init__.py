"""What policies allow beyond what is needed, or beyond other policies."""
