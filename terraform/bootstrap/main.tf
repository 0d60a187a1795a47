data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition

  services = ["cognito-idp", "dynamodb", "ecr", "ecs", "logs", "sns", "ssm"]

  # Built from names, so that a plan knows them: the environments are applied later.
  arn = { for service in local.services : service => "arn:${local.partition}:${service}:${var.aws_region}:${local.account_id}" }

  names = { for name in keys(var.environments) : name => "${var.project_name}-${name}" }
}
