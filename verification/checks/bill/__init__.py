"""The bill of everything that a plan makes."""
