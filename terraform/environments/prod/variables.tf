# Most values are checked by the module that uses them, with a message that says what to write.

variable "alarm_emails" {
  description = "Addresses that hear of every alarm, one at least."
  type        = list(string)
  nullable    = false
}

variable "allow_password_auth" {
  description = "Whether the web client may send the password itself, beside SRP."
  type        = bool
  default     = false
  nullable    = false
}

variable "autoscaling" {
  description = "Bounds of the number of tasks and the load of one task; null for a fixed number."
  type = object({
    min_capacity      = number
    max_capacity      = number
    cpu_percent       = optional(number, 60)
    requests_per_task = optional(number, 1000)
  })
  default = null
}

variable "aws_region" {
  description = "Region of everything."
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
  description = "ACM certificate for HTTPS; null for plain HTTP."
  type        = string
  default     = null
}

variable "container_insights" {
  description = "Whether the cluster reports per-task metrics, which cost extra."
  type        = bool
  default     = true
  nullable    = false
}

variable "cpu" {
  description = "Processor of one task, in units of 1/1024 of a core."
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
  description = "Tasks to start with."
  type        = number
  nullable    = false
}

variable "domain_name" {
  description = "Host name that the certificate is for; null for the load balancer's own."
  type        = string
  default     = null
}

variable "dynamodb_kms_key_arn" {
  description = "Customer-managed key for the tables; null for the key DynamoDB manages."
  type        = string
  default     = null
}

variable "enable_point_in_time_recovery" {
  description = "Whether the tables can be restored to any second of the last 35 days."
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
  description = "Days to keep VPC flow logs; null for no flow logs."
  type        = number
  default     = null
}

variable "force_destroy" {
  description = "Whether destroying also deletes uploads and images that are still there."
  type        = bool
  default     = false
  nullable    = false
}

variable "image_tag" {
  description = "Image of the first revision only; the deploy workflow registers all others."
  type        = string
  default     = "bootstrap"
  nullable    = false
}

variable "log_level" {
  description = "Least level that the backend logs."
  type        = string
  default     = "INFO"
  nullable    = false
}

variable "log_retention_days" {
  description = "Days to keep the backend's logs."
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

variable "nat_gateway_per_zone" {
  description = "Whether each zone has its own NAT gateway."
  type        = bool
  nullable    = false
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
  description = "Key for each replica region, where dynamodb_kms_key_arn is set."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "replica_regions" {
  description = "Other regions that hold a live copy of both tables; empty for none."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "response_time_p95_seconds" {
  description = "Response time in seconds that 95 of 100 requests must keep, or there is an alarm."
  type        = number
  default     = 1
  nullable    = false
}

variable "tags" {
  description = "Tags for everything, beside Project, Environment and ManagedBy."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "upload_allowed_origins" {
  description = "Web origins that may upload to the bucket from a browser, beside the page's own address."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "vpc_cidr" {
  description = "IPv4 range of the network."
  type        = string
  default     = "10.0.0.0/16"
  nullable    = false
}
