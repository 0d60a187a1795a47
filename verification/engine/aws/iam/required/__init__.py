"""What calls to AWS require of a policy."""
