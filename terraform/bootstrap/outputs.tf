output "deploy_role_arns" {
  description = "AWS_DEPLOY_ROLE_ARN of each GitHub environment."
  value       = { for name, role in aws_iam_role.deploy : name => role.arn }
}

output "smoke_role_arns" {
  description = "AWS_SMOKE_ROLE_ARN of each GitHub environment."
  value       = { for name, role in aws_iam_role.smoke : name => role.arn }
}

output "state_bucket_name" {
  description = "Bucket for Terraform's states, for backend.hcl."
  value       = aws_s3_bucket.state.id
}
