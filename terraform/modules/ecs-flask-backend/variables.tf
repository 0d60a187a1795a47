variable "alb_security_group_id" {
  description = "Security group for the load balancer."
  type        = string
  nullable    = false
}

variable "autoscaling" {
  description = <<-EOT
    Minimum and maximum number of tasks, and the target load per task: CPU in percent, requests per
    minute. Null for no autoscaling.
  EOT
  type = object({
    min_capacity      = number
    max_capacity      = number
    cpu_percent       = optional(number, 60)
    requests_per_task = optional(number, 3000)
  })
  default = null

  validation {
    condition = var.autoscaling == null || try(
      var.autoscaling.min_capacity >= 1
      && var.autoscaling.max_capacity >= var.autoscaling.min_capacity,
      false
    )
    error_message = "Write 1 <= min_capacity <= max_capacity."
  }

  validation {
    condition = var.autoscaling == null || try(
      var.autoscaling.cpu_percent > 0 && var.autoscaling.cpu_percent <= 100
      && var.autoscaling.requests_per_task > 0,
      false
    )
    error_message = "Write cpu_percent from 1 to 100 and requests_per_task above 0."
  }
}

variable "aws_region" {
  description = "Region of the service; must be the provider's region."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "Write a region such as us-east-1."
  }
}

variable "certificate_arn" {
  description = "ACM certificate for HTTPS, to which HTTP is redirected; null for HTTP only."
  type        = string
  default     = null

  validation {
    condition = var.certificate_arn == null || can(
      regex("^arn:[^:]+:acm:[^:]+:[0-9]{12}:certificate/", var.certificate_arn)
    )
    error_message = "Write the ARN of an ACM certificate: arn:aws:acm:...:certificate/..."
  }
}

variable "cognito_client_id" {
  description = "ID of the user pool client whose tokens the backend accepts."
  type        = string
  nullable    = false
}

variable "cognito_user_pool_id" {
  description = "ID of the user pool whose tokens the backend accepts."
  type        = string
  nullable    = false
}

variable "container_insights" {
  description = "Whether Container Insights is on, which costs about $12 a month."
  type        = bool
  default     = true
  nullable    = false
}

variable "container_port" {
  description = "Port on which the backend listens."
  type        = number
  default     = 5000
  nullable    = false

  validation {
    condition     = var.container_port >= 1 && var.container_port <= 65535
    error_message = "Write a port from 1 to 65535."
  }
}

variable "cpu" {
  description = "CPU units of one task; 1024 units are one vCPU."
  type        = number
  default     = 256
  nullable    = false

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096], var.cpu)
    error_message = "Write 256, 512, 1024, 2048 or 4096: Fargate offers no other."
  }
}

variable "deletion_protection_enabled" {
  description = "Whether AWS refuses to delete the load balancer."
  type        = bool
  default     = true
  nullable    = false
}

variable "desired_count" {
  description = "Initial number of tasks; later changed by autoscaling or by hand (see README)."
  type        = number
  nullable    = false

  validation {
    condition     = var.desired_count >= 0 && floor(var.desired_count) == var.desired_count
    error_message = "Write a whole number, 0 or more."
  }
}

variable "domain_name" {
  description = "Public domain name; null for the load balancer's DNS name."
  type        = string
  default     = null

  validation {
    condition = var.domain_name == null || can(
      regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", var.domain_name)
    )
    error_message = "Write a host name alone, such as share.example.com."
  }
}

variable "dynamodb_policy_arn" {
  description = "ARN of the policy for the tables, known at plan time; null for no access."
  type        = string
  default     = null
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

variable "file_quota" {
  description = "Number of files, and of their bytes, that a user may share at a time."
  type = object({
    files = optional(number, 100)
    bytes = optional(number, 1073741824)
  })
  default  = {}
  nullable = false

  validation {
    condition = (
      contains(range(1, 1001), var.file_quota.files)
      && var.file_quota.bytes >= 1 && var.file_quota.bytes <= 1099511627776
      && floor(var.file_quota.bytes) == var.file_quota.bytes
    )
    error_message = "Write 1 to 1000 files and whole bytes, 1 to 1099511627776 (1 TB)."
  }
}

variable "force_destroy" {
  description = "Whether a destroy also deletes the remaining uploads and images."
  type        = bool
  default     = false
  nullable    = false
}

variable "health_check_path" {
  description = "Health check path: 200 once a task has reached its store, even if that is unavailable later."
  type        = string
  default     = "/started"
  nullable    = false

  validation {
    condition     = startswith(var.health_check_path, "/")
    error_message = "Write a path that starts with a slash, such as /started."
  }
}

variable "image_count" {
  description = "Number of images to keep in the repository."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.image_count >= 2
    error_message = "Write 2 or more: the running image, and one to go back to."
  }
}

variable "image_tag" {
  description = <<-EOT
    Image tag of the first revision. The repository is empty at first, so the image does not exist;
    the deploy workflow pushes one and registers another revision.
  EOT
  type        = string
  default     = "bootstrap"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$", var.image_tag))
    error_message = "Write a tag alone, such as a commit id, without the repository."
  }
}

variable "log_level" {
  description = "Minimum log level of the backend."
  type        = string
  default     = "INFO"
  nullable    = false

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.log_level)
    error_message = "Write DEBUG, INFO, WARNING or ERROR."
  }
}

variable "log_retention_days" {
  description = "Retention of the backend's logs in days."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition = contains(
      [
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731,
        1096, 1827, 2192, 2557, 2922, 3288, 3653,
      ],
      var.log_retention_days
    )
    error_message = "Write a number of days that CloudWatch Logs offers, such as 30, 90 or 365."
  }
}

variable "memory" {
  description = "Memory of one task in MiB."
  type        = number
  default     = 512
  nullable    = false

  validation {
    condition = (
      var.memory >= 2 * var.cpu && var.memory <= min(8 * var.cpu, 30720)
      && (var.memory % 1024 == 0 || var.memory == 512)
    )
    error_message = "Write 2 to 8 times cpu, in steps of 1024 (or 512): Fargate offers no other."
  }
}

variable "private_subnet_ids" {
  description = "Subnets for the tasks."
  type        = list(string)
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

variable "public_subnet_ids" {
  description = "Subnets for the load balancer, in at least two zones."
  type        = list(string)
  nullable    = false
}

variable "secret_parameters" {
  description = "Names of the SecureString parameters that ECS passes to the containers as secrets."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([
      for name in var.secret_parameters : can(regex("^(/[A-Za-z0-9_.-]+)+$", name))
    ])
    error_message = "Write full names such as /fileshare/dev/api_key: no ARN, no wildcard."
  }
}

variable "task_security_group_id" {
  description = "Security group for the tasks."
  type        = string
  nullable    = false
}

variable "upload_allowed_origins" {
  description = "Web origins that may upload to the bucket from a browser, in addition to the public URL."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([
      for origin in var.upload_allowed_origins : can(regex("^https?://[^/*]+$", origin))
    ])
    error_message = "Write origins such as https://share.example.com: no path, no wildcard."
  }
}

variable "vpc_id" {
  description = "VPC of the subnets."
  type        = string
  nullable    = false
}
