variable "availability_zones" {
  description = "Names of the two zones; another name, or another order, replaces their subnets."
  type        = list(string)
  nullable    = false

  validation {
    condition = length(distinct(var.availability_zones)) == 2 && alltrue([
      for zone in var.availability_zones : can(regex("^${var.aws_region}[a-z]$", zone))
    ])
    error_message = "Write two zones of aws_region, such as [\"us-east-1a\", \"us-east-1b\"]."
  }
}

variable "aws_region" {
  description = "Region of the network; must be the provider's region."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "Write a region such as us-east-1."
  }
}

variable "container_port" {
  description = "Port on which the tasks listen."
  type        = number
  default     = 5000
  nullable    = false

  validation {
    condition     = var.container_port >= 1 && var.container_port <= 65535
    error_message = "Write a port from 1 to 65535."
  }
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

  validation {
    condition = var.flow_log_retention_days == null || contains(
      [
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731,
        1096, 1827, 2192, 2557, 2922, 3288, 3653,
      ],
      coalesce(var.flow_log_retention_days, 0)
    )
    error_message = "Write a number of days that CloudWatch Logs offers, such as 30, 90 or 365."
  }
}

variable "ingress_cidr_blocks" {
  description = "IPv4 CIDR blocks that may reach the load balancer; all by default."
  type        = list(string)
  default     = ["0.0.0.0/0"]
  nullable    = false

  validation {
    condition     = alltrue([for block in var.ingress_cidr_blocks : can(cidrnetmask(block))])
    error_message = "Write IPv4 ranges with their prefix length, such as 203.0.113.0/24."
  }
}

variable "nat_gateway_per_zone" {
  description = "Whether each zone has its own NAT gateway, so that zones fail independently."
  type        = bool
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

variable "vpc_cidr" {
  description = "IPv4 CIDR block of the VPC, /16 to /23: subnets have a sixteenth of it."
  type        = string
  default     = "10.0.0.0/16"
  nullable    = false

  validation {
    condition     = can(cidrnetmask(var.vpc_cidr)) && can(regex("/(1[6-9]|2[0-3])$", var.vpc_cidr))
    error_message = "Write an IPv4 range from /16 to /23, such as 10.0.0.0/16."
  }
}
