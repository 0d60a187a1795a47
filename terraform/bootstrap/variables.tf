variable "aws_region" {
  description = "Region of the environments and of the state bucket."
  type        = string
  default     = "us-east-1"
}

variable "environments" {
  description = "Environments that GitHub deploys, each a GitHub environment of the same name. `smoke_writes`: whether the smoke test may create users and items there."
  type        = map(object({ smoke_writes = bool }))
}

variable "github_branch" {
  description = "Branch from which workflows may deploy."
  type        = string
  default     = "main"
}

variable "github_owner" {
  description = "User or organization of the GitHub repository."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9-]*$", var.github_owner))
    error_message = "Write the name of one owner: wildcards would trust other repositories."
  }
}

variable "github_repository" {
  description = "Name of the GitHub repository, without its owner."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "Write the name of one repository: wildcards would trust others."
  }
}

variable "project_name" {
  description = "Name of the application, the prefix of all names."
  type        = string
}

variable "state_bucket_name" {
  description = "Name of the bucket for Terraform's states. Bucket names are global."
  type        = string
}
