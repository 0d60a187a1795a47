"""The smoke rung: a deployment, its users, and what they do."""
