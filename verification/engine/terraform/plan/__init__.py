"""A plan as Terraform prints it, read into the model."""
