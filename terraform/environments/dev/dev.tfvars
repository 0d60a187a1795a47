project_name = "file-sharing-app"
environment  = "dev"
aws_region   = "us-east-1"

# Data
deletion_protection_enabled   = false
enable_point_in_time_recovery = true
force_destroy                 = true

on_demand_throughput = {
  max_read_request_units  = 200
  max_write_request_units = 100
}

# Service. Container Insights would cost a seventh of the whole bill, and no alarm needs it.
container_insights = false
desired_count      = 1
log_level          = "DEBUG"
log_retention_days = 14

# Access
allow_password_auth    = true
upload_allowed_origins = []

# Network
availability_zones   = ["us-east-1a", "us-east-1b"]
nat_gateway_per_zone = false

# Monitoring. Replace the address with your own: somebody must confirm the subscription.
alarm_emails   = ["fileshare-dev@example.com"]
monthly_budget = 90
