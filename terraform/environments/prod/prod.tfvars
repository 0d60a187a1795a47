project_name = "file-sharing-app"
environment  = "prod"
aws_region   = "us-east-1"

# Data
deletion_protection_enabled   = true
enable_point_in_time_recovery = true
force_destroy                 = false

backup = {
  schedule       = "cron(0 3 * * ? *)"
  retention_days = 90
}

on_demand_throughput = {
  max_read_request_units  = 1200
  max_write_request_units = 600
}

# Service
container_insights = true
desired_count      = 2
cpu                = 512
memory             = 1024
log_level          = "INFO"
log_retention_days = 365

autoscaling = {
  min_capacity = 2
  max_capacity = 6
}

# Access. Replace both with your own: the certificate must be issued for the domain name, and
# the domain name must point to the load balancer.
certificate_arn        = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
domain_name            = "fileshare.example.com"
upload_allowed_origins = []

# Network
availability_zones      = ["us-east-1a", "us-east-1b"]
flow_log_retention_days = 365
nat_gateway_per_zone    = true

# Monitoring. Replace the address with your own: somebody must confirm the subscription.
alarm_emails   = ["fileshare-oncall@example.com"]
monthly_budget = 180
