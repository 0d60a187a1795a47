# What the module promises, on plans with a mocked provider: terraform init && terraform test

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
}

variables {
  project_name         = "app"
  environment          = "dev"
  aws_region           = "us-east-1"
  availability_zones   = ["us-east-1a", "us-east-1b"]
  nat_gateway_per_zone = true
}

run "only_the_load_balancer_reaches_the_tasks" {
  command = plan

  # Known only after an apply, which a plan without these would leave open.
  override_resource {
    target          = aws_security_group.alb
    override_during = plan
    values          = { id = "sg-alb" }
  }

  override_resource {
    target          = aws_security_group.tasks
    override_during = plan
    values          = { id = "sg-tasks" }
  }

  assert {
    condition = (
      aws_vpc_security_group_ingress_rule.tasks_from_alb.security_group_id == "sg-tasks"
      && aws_vpc_security_group_ingress_rule.tasks_from_alb.referenced_security_group_id == "sg-alb"
    )
    error_message = "What may reach the tasks is the load balancer's security group."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.tasks_from_alb.cidr_ipv4 == null
    error_message = "No address may reach the tasks."
  }

  assert {
    condition = alltrue([
      for rule in concat(
        values(aws_vpc_security_group_ingress_rule.alb_http),
        values(aws_vpc_security_group_ingress_rule.alb_https),
      ) : rule.security_group_id == "sg-alb"
    ])
    error_message = "What the web may reach is the load balancer."
  }

  assert {
    condition = (
      aws_vpc_security_group_egress_rule.alb_to_tasks.referenced_security_group_id == "sg-tasks"
      && aws_vpc_security_group_egress_rule.alb_to_tasks.cidr_ipv4 == null
    )
    error_message = "The load balancer reaches the tasks and nothing else."
  }
}

run "zones_fail_alone" {
  command = plan

  variables {
    flow_log_retention_days = 365
  }

  assert {
    condition = (
      toset(keys(aws_subnet.private)) == toset(["us-east-1a", "us-east-1b"])
      && keys(aws_subnet.public) == keys(aws_subnet.private)
    )
    error_message = "There is a private and a public subnet in each of two zones."
  }

  assert {
    condition     = keys(aws_nat_gateway.this) == keys(aws_subnet.private)
    error_message = "With nat_gateway_per_zone each zone has its own NAT gateway."
  }

  assert {
    condition     = aws_cloudwatch_log_group.flow_logs[0].retention_in_days == 365
    error_message = "Flow logs are kept as long as was asked for."
  }
}

run "the_smallest_network_has_room_for_a_load_balancer" {
  command = plan

  variables {
    vpc_cidr = "10.0.0.0/23"
  }

  assert {
    condition = toset([
      for subnet in concat(values(aws_subnet.public), values(aws_subnet.private)) : subnet.cidr_block
    ]) == toset(["10.0.0.0/27", "10.0.0.32/27", "10.0.1.0/27", "10.0.1.32/27"])
    error_message = "Each subnet is a /27 or larger, as AWS demands for a load balancer."
  }
}

# Alone: the condition is about aws_region, too, and is not looked at where that one fails.
run "one_zone_twice_is_refused" {
  command = plan

  variables {
    availability_zones = ["us-east-1a", "us-east-1a"]
  }

  expect_failures = [var.availability_zones]
}

run "a_zone_of_another_region_is_refused" {
  command = plan

  variables {
    availability_zones = ["us-east-1a", "us-west-2b"]
  }

  expect_failures = [var.availability_zones]
}

run "one_nat_gateway_serves_both_zones" {
  command = plan

  variables {
    nat_gateway_per_zone = false
  }

  assert {
    condition     = keys(aws_nat_gateway.this) == ["us-east-1a"]
    error_message = "Without nat_gateway_per_zone there is one NAT gateway, in the first zone."
  }

  assert {
    condition     = length(aws_route.private) == 2 && length(aws_flow_log.this) == 0
    error_message = "Both zones have their way out, and there are no flow logs unless asked for."
  }
}

run "bad_values_are_refused" {
  command = plan

  variables {
    project_name            = "App"
    environment             = "development-one"
    aws_region              = "us-east"
    container_port          = 0
    flow_log_retention_days = 31
    ingress_cidr_blocks     = ["203.0.113.0"]
    vpc_cidr                = "10.0.0.0/24"
  }

  expect_failures = [
    var.project_name,
    var.environment,
    var.aws_region,
    var.container_port,
    var.flow_log_retention_days,
    var.ingress_cidr_blocks,
    var.vpc_cidr,
  ]
}
