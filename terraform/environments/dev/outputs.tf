output "alarm_topic_arn" {
  description = "ARN of the topic of all alarms."
  value       = module.monitoring.alarm_topic_arn
}

output "aws_region" {
  description = "Region of all resources."
  value       = var.aws_region
}

output "base_url" {
  description = "URL of the application, without a trailing slash."
  value       = module.backend.public_url
}

output "cluster_name" {
  description = "Name of the ECS cluster."
  value       = module.backend.cluster_name
}

output "dynamodb_policy_arn" {
  description = "ARN of the policy for access to both tables."
  value       = module.dynamodb.policy_arn
}

output "ecr_repository_url" {
  description = "URL of the image repository, without a tag."
  value       = module.backend.ecr_repository_url
}

output "load_balancer_dns_name" {
  description = "DNS name of the load balancer."
  value       = module.backend.load_balancer_dns_name
}

output "log_group_name" {
  description = "Log group of the containers."
  value       = module.backend.log_group_name
}

output "parameter_path" {
  description = "Path of the parameters that the deploy workflow reads."
  value       = module.dynamodb.parameter_path
}

output "service_name" {
  description = "Name of the ECS service."
  value       = module.backend.service_name
}

output "task_definition_family" {
  description = "Task definition family of the deploy workflow's revisions."
  value       = module.backend.task_definition_family
}

output "uploads_bucket_name" {
  description = "Name of the bucket for uploads."
  value       = module.backend.uploads_bucket_name
}

output "urls_table_name" {
  description = "Name of the urls table."
  value       = module.dynamodb.urls_table_name
}

output "user_pool_client_id" {
  description = "ID of the web client."
  value       = module.identity.user_pool_client_id
}

output "user_pool_id" {
  description = "ID of the user pool."
  value       = module.identity.user_pool_id
}

output "users_table_name" {
  description = "Name of the users table."
  value       = module.dynamodb.users_table_name
}
