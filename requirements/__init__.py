"""Hash-locked requirements, and the set-up that installs them."""
