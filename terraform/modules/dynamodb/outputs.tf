output "backup_vault_name" {
  description = "Name of the vault of the scheduled backups; null without them."
  value       = one(aws_backup_vault.this[*].name)
}

output "parameter_path" {
  description = "Path of the parameters, without a trailing slash."
  value       = local.parameter_path
}

output "policy_arn" {
  description = "ARN of the access policy, known at plan time so that a `count` can use it."
  value       = local.policy_arn

  # The ARN is put together from names, so nothing else would make its users wait for the policy.
  depends_on = [aws_iam_policy.dynamodb_access]
}

output "tables" {
  description = "Each table by its key, with its indexes by name, as the monitoring module takes it."
  value = {
    for key, table in local.tables : key => {
      name        = table.name
      index_names = table.global_secondary_index[*].name
    }
  }
}

output "urls_table_arn" {
  description = "ARN of the urls table, known at plan time."
  value       = local.table_arns.urls
}

output "urls_table_name" {
  description = "Name of the urls table."
  value       = aws_dynamodb_table.urls.name
}

output "users_table_arn" {
  description = "ARN of the users table, known at plan time."
  value       = local.table_arns.users
}

output "users_table_name" {
  description = "Name of the users table."
  value       = aws_dynamodb_table.users.name
}
