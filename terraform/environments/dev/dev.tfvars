project_name = "file-sharing-app"
environment  = "dev"
aws_region   = "us-east-1"

# Data
deletion_protection_enabled   = false
enable_point_in_time_recovery = true
force_destroy                 = true

# Service
desired_count      = 1
log_level          = "DEBUG"
log_retention_days = 14

# Access
allow_password_auth    = true
upload_allowed_origins = []

# Network
nat_gateway_per_zone = false

# Monitoring. Replace the address with your own: somebody must confirm the subscription.
alarm_emails = ["fileshare-dev@example.com"]
