"""The load balancer: HTTP, targets and their health."""
