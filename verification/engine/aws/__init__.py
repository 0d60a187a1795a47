"""AWS: IAM evaluation, the embedded AWS, its Fargate agent, and the reader of live stacks."""
