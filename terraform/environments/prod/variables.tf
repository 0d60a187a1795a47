# Most values are checked by the module that uses them, with a message that says what to write.

variable "alarm_emails" {
  description = "Email addresses that receive every alarm, and the budget's mails; at least one."
  type        = list(string)
  nullable    = false
}

variable "allow_password_auth" {
  description = "Whether the web client may use USER_PASSWORD_AUTH in addition to SRP."
  type        = bool
  default     = false
  nullable    = false
}

variable "autoscaling" {
  description = "Minimum and maximum number of tasks, and target load per task; null for no autoscaling."
  type = object({
    min_capacity      = number
    max_capacity      = number
    cpu_percent       = optional(number, 60)
    requests_per_task = optional(number, 3000)
  })
  default = null
}

variable "availability_zones" {
  description = "Names of the two zones of the network; see its module before changing them."
  type        = list(string)
  nullable    = false
}

variable "aws_region" {
  description = "Region of all resources."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "Write a region such as us-east-1."
  }
}

variable "backup" {
  description = "Scheduled backups of the tables with AWS Backup; null for none."
  type = object({
    schedule       = string
    retention_days = number
  })
  default = null
}

variable "certificate_arn" {
  description = "ACM certificate for HTTPS; null for HTTP only."
  type        = string
  default     = null
}

variable "container_insights" {
  description = "Whether Container Insights is on, which costs about $12 a month."
  type        = bool
  default     = true
  nullable    = false
}

variable "cpu" {
  description = "CPU units of one task; 1024 units are one vCPU."
  type        = number
  default     = 256
  nullable    = false
}

variable "deletion_protection_enabled" {
  description = "Whether AWS refuses to delete the tables, the user pool and the load balancer."
  type        = bool
  default     = true
  nullable    = false
}

variable "desired_count" {
  description = "Initial number of tasks."
  type        = number
  nullable    = false
}

variable "domain_name" {
  description = "Domain name of the certificate; null for the load balancer's DNS name."
  type        = string
  default     = null
}

variable "dynamodb_kms_key_arn" {
  description = "Customer-managed KMS key for the tables; null for the AWS managed key."
  type        = string
  default     = null
}

variable "enable_point_in_time_recovery" {
  description = "Whether point-in-time recovery of the tables is on."
  type        = bool
  default     = true
  nullable    = false
}

variable "environment" {
  description = "Name of the environment; part of every name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "Write 2 to 10 lower-case letters and digits, such as dev."
  }
}

variable "flow_log_retention_days" {
  description = "Retention of VPC flow logs in days; null for no flow logs."
  type        = number
  default     = null
}

variable "force_destroy" {
  description = "Whether a destroy also deletes the remaining uploads and images."
  type        = bool
  default     = false
  nullable    = false
}

variable "image_tag" {
  description = "Image tag of the first revision; the deploy workflow registers all others."
  type        = string
  default     = "bootstrap"
  nullable    = false
}

variable "log_level" {
  description = "Minimum log level of the backend."
  type        = string
  default     = "INFO"
  nullable    = false
}

variable "log_retention_days" {
  description = "Retention of the backend's logs in days."
  type        = number
  default     = 30
  nullable    = false
}

variable "memory" {
  description = "Memory of one task in MiB."
  type        = number
  default     = 512
  nullable    = false
}

variable "monthly_budget" {
  description = "Budget of the environment in US dollars a month; mails are sent when forecast or costs exceed it."
  type        = number
  nullable    = false
}

variable "nat_gateway_per_zone" {
  description = "Whether each zone has its own NAT gateway."
  type        = bool
  nullable    = false
}

variable "on_demand_throughput" {
  description = "Maximum read and write request units per second of each table and of each index."
  type = object({
    max_read_request_units  = number
    max_write_request_units = number
  })
  nullable = false
}

variable "parameter_namespace" {
  description = "First part of the parameter path /{parameter_namespace}/{environment}/."
  type        = string
  default     = "fileshare"
  nullable    = false
}

variable "project_name" {
  description = "Name of the project; first part of every name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.project_name))
    error_message = "Write 3 to 20 lower-case letters, digits and dashes, such as file-sharing-app."
  }
}

variable "replica_kms_key_arns" {
  description = "KMS key for each replica region; required if dynamodb_kms_key_arn is set."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "replica_regions" {
  description = "Other regions with a replica of both tables; empty for none."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "response_time_p95_seconds" {
  description = "Alarm threshold of the p95 response time in seconds."
  type        = number
  default     = 1
  nullable    = false
}

variable "secret_parameters" {
  description = "SecureString parameters of the containers, by their names below the parameter path."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "tags" {
  description = "Tags for all resources, in addition to Project, Environment and ManagedBy."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "upload_allowed_origins" {
  description = "Web origins that may upload to the bucket from a browser, in addition to the public URL."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "vpc_cidr" {
  description = "IPv4 CIDR block of the VPC, /16 to /23."
  type        = string
  default     = "10.0.0.0/16"
  nullable    = false
}
