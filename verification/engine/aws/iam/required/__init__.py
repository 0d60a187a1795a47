"""The permissions that AWS calls need."""
