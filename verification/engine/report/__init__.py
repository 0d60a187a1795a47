"""What a run proved: results, their matrix in a terminal, and their JSON."""
