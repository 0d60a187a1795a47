output "cluster_name" {
  description = "Name of the ECS cluster."
  value       = aws_ecs_cluster.this.name
}

output "ecr_repository_url" {
  description = "Where to push images, without a tag."
  value       = aws_ecr_repository.backend.repository_url
}

output "load_balancer_arn_suffix" {
  description = "The load balancer as CloudWatch names it."
  value       = aws_lb.backend.arn_suffix
}

output "load_balancer_dns_name" {
  description = "Host name of the load balancer."
  value       = aws_lb.backend.dns_name
}

output "log_group_name" {
  description = "Log group of the containers."
  value       = aws_cloudwatch_log_group.backend.name
}

output "public_url" {
  description = "Where users reach the backend, without a slash at the end."
  value       = local.public_url
}

output "service_name" {
  description = "Name of the ECS service."
  value       = aws_ecs_service.backend.name
}

output "target_group_arn_suffix" {
  description = "The target group as CloudWatch names it."
  value       = aws_lb_target_group.backend.arn_suffix
}

output "task_definition_family" {
  description = "Family under which the deploy workflow registers revisions."
  value       = aws_ecs_task_definition.backend.family
}

output "task_role_arn" {
  description = "ARN of the role that the application runs as."
  value       = aws_iam_role.flask_app_task.arn
}

output "task_role_name" {
  description = "Name of the role that the application runs as."
  value       = aws_iam_role.flask_app_task.name
}

output "uploads_bucket_name" {
  description = "Name of the bucket for uploads."
  value       = aws_s3_bucket.uploads.bucket
}
