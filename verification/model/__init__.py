"""The model: stack, contract, criteria, findings and observations. It imports no other layer."""
