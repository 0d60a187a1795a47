output "alb_security_group_id" {
  description = "Security group for the load balancer."
  value       = aws_security_group.alb.id
}

output "private_subnet_ids" {
  description = "Subnets for the tasks, one per zone, once they have their way out."
  value       = [for zone in keys(local.zones) : aws_subnet.private[zone].id]

  depends_on = [aws_route.private, aws_route_table_association.private, aws_vpc_endpoint.gateway]
}

output "public_subnet_ids" {
  description = "Subnets for the load balancer, one per zone, once they face the internet."
  value       = [for zone in keys(local.zones) : aws_subnet.public[zone].id]

  depends_on = [aws_route.public, aws_route_table_association.public]
}

output "task_security_group_id" {
  description = "Security group for the backend tasks."
  value       = aws_security_group.tasks.id
}

output "vpc_id" {
  description = "Id of the network."
  value       = aws_vpc.this.id
}
