"""A plan's JSON, read into the model."""
