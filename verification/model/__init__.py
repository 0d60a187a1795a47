"""What the checks speak of: the stack, the contract it must meet, and findings about it."""
