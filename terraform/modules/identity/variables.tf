variable "allow_password_auth" {
  description = "Whether the client may use USER_PASSWORD_AUTH in addition to SRP."
  type        = bool
  default     = false
  nullable    = false
}

variable "deletion_protection_enabled" {
  description = "Whether AWS refuses to delete the user pool."
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

variable "project_name" {
  description = "Name of the project; first part of every name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.project_name))
    error_message = "Write 3 to 20 lower-case letters, digits and dashes, such as file-sharing-app."
  }
}
