"""What all jobs of a run share."""
