# What the deploy workflow reads below /fileshare/{environment}/ and hands to the containers. Values
# are known at plan time, and no parameter names a thing that is not there yet.

locals {
  parameter_path = "/${var.parameter_namespace}/${var.environment}"
}

resource "aws_ssm_parameter" "dynamodb_users_table_name" {
  name        = "${local.parameter_path}/dynamodb_users_table_name"
  description = "Name of the users table."
  type        = "String"
  value       = local.tables.users.name
}

resource "aws_ssm_parameter" "dynamodb_urls_table_name" {
  name        = "${local.parameter_path}/dynamodb_urls_table_name"
  description = "Name of the urls table."
  type        = "String"
  value       = local.tables.urls.name
}

resource "aws_ssm_parameter" "dynamodb_users_table_arn" {
  name        = "${local.parameter_path}/dynamodb_users_table_arn"
  description = "ARN of the users table."
  type        = "String"
  value       = local.table_arns.users
}

resource "aws_ssm_parameter" "dynamodb_urls_table_arn" {
  name        = "${local.parameter_path}/dynamodb_urls_table_arn"
  description = "ARN of the urls table."
  type        = "String"
  value       = local.table_arns.urls
}

# The plan gives each parameter of its two tables an address. Those of any other table are here.
resource "aws_ssm_parameter" "table" {
  for_each = merge([
    for key, table in local.tables : {
      "${key}_table_arn"  = local.table_arns[key]
      "${key}_table_name" = table.name
    } if !contains(["urls", "users"], key)
  ]...)

  name        = "${local.parameter_path}/dynamodb_${each.key}"
  description = "The ${replace(each.key, "_", " ")}."
  type        = "String"
  value       = each.value
}

resource "aws_ssm_parameter" "dynamodb_policy_arn" {
  name        = "${local.parameter_path}/dynamodb_policy_arn"
  description = "ARN of the policy that lets the backend use both tables."
  type        = "String"
  value       = local.policy_arn

  depends_on = [aws_iam_policy.dynamodb_access]
}

resource "aws_ssm_parameter" "use_dynamodb" {
  name        = "${local.parameter_path}/use_dynamodb"
  description = "Whether the backend stores in DynamoDB (true) or in its own SQLite file (false)."
  type        = "String"
  value       = "true"

  # The quick rollback writes "false" here by hand and redeploys. Terraform creates the switch and
  # then leaves it alone: otherwise the next apply would turn DynamoDB on again.
  lifecycle {
    ignore_changes = [value]
  }

  depends_on = [aws_dynamodb_table.users, aws_dynamodb_table.urls]
}
