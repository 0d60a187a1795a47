"""The machine: processes, git, and how fast it is."""
