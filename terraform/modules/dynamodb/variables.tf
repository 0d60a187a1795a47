variable "aws_region" {
  description = "Region that holds the tables; must be the provider's region."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "Write a region such as us-east-1."
  }
}

variable "backup" {
  description = "Scheduled backups with AWS Backup; null for none."
  type = object({
    schedule       = string
    retention_days = number
  })
  default = null

  validation {
    condition     = var.backup == null || can(regex("^(cron|rate)\\(.+\\)$", var.backup.schedule))
    error_message = "Write the schedule as cron(...) or rate(...), such as cron(0 3 * * ? *)."
  }

  validation {
    condition     = var.backup == null || try(var.backup.retention_days >= 1, false)
    error_message = "Write retention_days as a number of days, 1 or more."
  }
}

variable "deletion_protection_enabled" {
  description = "Whether AWS refuses to delete the tables, and backups before their retention ends."
  type        = bool
  default     = true
  nullable    = false
}

variable "enable_point_in_time_recovery" {
  description = "Whether point-in-time recovery of the tables is on."
  type        = bool
  default     = true
  nullable    = false
}

variable "environment" {
  description = "Name of the environment; part of every name and of the parameter path."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "Write 2 to 10 lower-case letters and digits, such as dev."
  }
}

variable "kms_key_arn" {
  description = "Customer-managed KMS key for tables and backups; null for the AWS managed key."
  type        = string
  default     = null

  validation {
    condition = var.kms_key_arn == null || can(
      regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/", var.kms_key_arn)
    )
    error_message = "Write the key's ARN (arn:aws:kms:...:key/...), not its id or an alias."
  }
}

variable "on_demand_throughput" {
  description = "Maximum read and write request units per second of each table and of each index."
  type = object({
    max_read_request_units  = number
    max_write_request_units = number
  })
  nullable = false

  validation {
    condition = alltrue([
      for units in values(var.on_demand_throughput) : units >= 1 && floor(units) == units
    ])
    error_message = "Write whole numbers, 1 or more."
  }
}

variable "parameter_namespace" {
  description = "First part of the parameter path /{parameter_namespace}/{environment}/."
  type        = string
  default     = "fileshare"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.parameter_namespace))
    error_message = "Write one path segment without slashes, such as fileshare."
  }
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
  description = "KMS key for each replica region; required if kms_key_arn is set."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = toset(keys(var.replica_kms_key_arns)) == toset(
      var.kms_key_arn != null ? var.replica_regions : []
    )
    error_message = "Name a key for each of replica_regions if kms_key_arn is set, and none if not."
  }
}

variable "replica_regions" {
  description = "Other regions with a replica of both tables; empty for none."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = !contains(var.replica_regions, var.aws_region)
    error_message = "Leave out aws_region itself: name only the other regions."
  }
}
