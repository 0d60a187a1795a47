"""What a run found: one `Report`, and a writer for each format."""
