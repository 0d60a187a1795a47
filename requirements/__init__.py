"""What is installed, by hash, and the set-up that installs it."""
