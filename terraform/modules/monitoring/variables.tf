variable "alarm_emails" {
  description = "Email addresses that receive every alarm, and the budget's mails."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.alarm_emails) > 0
    error_message = "Write one address at least: an alarm that nobody hears is none."
  }

  validation {
    condition     = length(var.alarm_emails) <= 10
    error_message = "Write 10 addresses at most: a budget tells no more."
  }

  validation {
    condition = alltrue([
      for email in var.alarm_emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", email))
    ])
    error_message = "Write mail addresses, such as alerts@example.com."
  }
}

variable "aws_region" {
  description = "Region of the alarms; must be the provider's region."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "Write a region such as us-east-1."
  }
}

variable "backup_vault_name" {
  description = "Vault whose failed backups are reported, known at plan time; null for none."
  type        = string
  default     = null
}

variable "cluster_name" {
  description = "ECS cluster of the backend."
  type        = string
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

variable "http_5xx_per_minute" {
  description = "Alarm threshold of server errors per minute."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.http_5xx_per_minute >= 0
    error_message = "Write 0 or more."
  }
}

variable "load_balancer_arn_suffix" {
  description = "Value of CloudWatch's LoadBalancer dimension (arn_suffix)."
  type        = string
  nullable    = false
}

variable "log_group_name" {
  description = "Log group of the backend, which logs JSON lines with a level."
  type        = string
  nullable    = false
}

variable "minimum_task_count" {
  description = "Minimum number of running tasks; fewer raise an alarm."
  type        = number
  nullable    = false

  validation {
    condition     = var.minimum_task_count >= 0
    error_message = "Write 0 or more."
  }
}

variable "monthly_budget" {
  description = "Budget of the environment in US dollars a month; mails are sent when forecast or costs exceed it."
  type        = number
  nullable    = false

  validation {
    condition     = var.monthly_budget > 0
    error_message = "Write US dollars, above 0."
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

variable "response_time_minimum_requests" {
  description = "Number of requests in five minutes from which the p95 response time is judged."
  type        = number
  default     = 20
  nullable    = false

  validation {
    condition     = var.response_time_minimum_requests >= 20
    error_message = "Write 20 or more: of fewer requests, p95 is the slowest one."
  }
}

variable "response_time_p95_seconds" {
  description = "Alarm threshold of the p95 response time in seconds."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.response_time_p95_seconds > 0
    error_message = "Write seconds, above 0."
  }
}

variable "service_name" {
  description = "ECS service of the backend."
  type        = string
  nullable    = false
}

variable "tables" {
  description = "DynamoDB tables to monitor, by a short name."
  type = map(object({
    name        = string
    index_names = list(string)
  }))
  default  = {}
  nullable = false
}

variable "target_group_arn_suffix" {
  description = "Value of CloudWatch's TargetGroup dimension (arn_suffix)."
  type        = string
  nullable    = false
}
