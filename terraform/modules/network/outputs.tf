output "alb_security_group_id" {
  description = "Security group for the load balancer."
  value       = aws_security_group.alb.id
}

output "private_subnet_ids" {
  description = "Private subnets, one per zone, available after their routes exist."
  value       = [for zone in keys(local.zones) : aws_subnet.private[zone].id]

  depends_on = [aws_route.private, aws_route_table_association.private, aws_vpc_endpoint.gateway]
}

output "public_subnet_ids" {
  description = "Public subnets, one per zone, available after their routes exist."
  value       = [for zone in keys(local.zones) : aws_subnet.public[zone].id]

  depends_on = [aws_route.public, aws_route_table_association.public]
}

output "task_security_group_id" {
  description = "Security group for the backend tasks."
  value       = aws_security_group.tasks.id
}

output "vpc_id" {
  description = "ID of the VPC."
  value       = aws_vpc.this.id
}
