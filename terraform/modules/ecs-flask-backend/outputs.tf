output "cluster_name" {
  description = "Name of the ECS cluster."
  value       = aws_ecs_cluster.this.name
}

output "ecr_repository_url" {
  description = "URL of the image repository, without a tag."
  value       = aws_ecr_repository.backend.repository_url
}

output "load_balancer_arn_suffix" {
  description = "Value of CloudWatch's LoadBalancer dimension."
  value       = aws_lb.backend.arn_suffix
}

output "load_balancer_dns_name" {
  description = "DNS name of the load balancer."
  value       = aws_lb.backend.dns_name
}

output "log_group_name" {
  description = "Log group of the containers."
  value       = aws_cloudwatch_log_group.backend.name
}

output "public_url" {
  description = "Public URL of the backend, without a trailing slash."
  value       = local.public_url
}

output "service_name" {
  description = "Name of the ECS service."
  value       = aws_ecs_service.backend.name
}

output "target_group_arn_suffix" {
  description = "Value of CloudWatch's TargetGroup dimension."
  value       = aws_lb_target_group.backend.arn_suffix
}

output "task_definition_family" {
  description = "Task definition family of the deploy workflow's revisions."
  value       = aws_ecs_task_definition.backend.family
}

output "task_role_arn" {
  description = "ARN of the task role."
  value       = aws_iam_role.flask_app_task.arn
}

output "task_role_name" {
  description = "Name of the task role."
  value       = aws_iam_role.flask_app_task.name
}

output "uploads_bucket_name" {
  description = "Name of the bucket for uploads."
  value       = aws_s3_bucket.uploads.bucket
}
