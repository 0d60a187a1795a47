output "user_pool_arn" {
  description = "ARN of the user pool."
  value       = aws_cognito_user_pool.this.arn
}

output "user_pool_client_id" {
  description = "ID of the web client, the audience of its tokens."
  value       = aws_cognito_user_pool_client.this.id
}

output "user_pool_id" {
  description = "ID of the user pool, the last part of its tokens' issuer."
  value       = aws_cognito_user_pool.this.id
}
