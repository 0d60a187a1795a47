locals {
  # Environments in which the smoke test creates users, items and files of its own, and removes them.
  written = [for name, environment in var.environments : name if environment.smoke_writes]
}

# What `make smoke` reads with --target aws.
data "aws_iam_policy_document" "smoke_reads" {
  for_each = local.names

  statement {
    sid       = "ReadService"
    actions   = ["ecs:DescribeServices"]
    resources = ["${local.arn.ecs}:service/${each.value}/${each.value}-backend"]
  }

  statement {
    sid       = "ReadTasks"
    actions   = ["ecs:DescribeTasks"]
    resources = ["${local.arn.ecs}:task/${each.value}/*"]
  }

  statement {
    sid       = "ReadParameters"
    actions   = ["ssm:GetParametersByPath"]
    resources = ["${local.arn.ssm}:parameter/fileshare/${each.key}", "${local.arn.ssm}:parameter/fileshare/${each.key}/*"]
  }

  statement {
    sid       = "ReadLogs"
    actions   = ["logs:FilterLogEvents"]
    resources = ["${local.arn.logs}:log-group:/ecs/${each.value}-backend:*"]
  }

  statement {
    sid       = "ReadSubscribers"
    actions   = ["sns:ListSubscriptionsByTopic"]
    resources = ["${local.arn.sns}:${each.value}-alarms"]
  }

  # For most of these AWS has no resource to restrict them to; roles and policies are read to judge the task role.
  statement {
    sid = "ReadAccount"
    actions = [
      "access-analyzer:CheckNoNewAccess",
      "access-analyzer:ValidatePolicy",
      "cloudwatch:GetMetricData",
      "ecs:DescribeClusters",
      "ecs:DescribeTaskDefinition",
      "ecs:ListClusters",
      "ecs:ListServices",
      "ecs:ListTaskDefinitionFamilies",
      "ecs:ListTaskDefinitions",
      "ecs:ListTasks",
      "elasticloadbalancing:DescribeListeners",
      "elasticloadbalancing:DescribeLoadBalancerAttributes",
      "elasticloadbalancing:DescribeLoadBalancers",
      "elasticloadbalancing:DescribeTargetGroups",
      "elasticloadbalancing:DescribeTargetHealth",
      "iam:GetPolicyVersion",
      "iam:GetRole",
      "iam:GetRolePolicy",
      "iam:ListAttachedRolePolicies",
      "iam:ListPolicies",
      "iam:ListRolePolicies",
      "iam:ListRoles",
      "sns:ListTopics",
    ]
    resources = ["*"]
  }
}

# What it needs to create users and remove them with all that is theirs, and to replace tasks.
data "aws_iam_policy_document" "smoke_writes" {
  for_each = toset(local.written)

  # The pool's id is made by AWS; its tags are made by Terraform.
  statement {
    sid = "ManageUsers"
    actions = [
      "cognito-idp:AdminCreateUser",
      "cognito-idp:AdminDeleteUser",
      "cognito-idp:AdminGetUser",
      "cognito-idp:AdminSetUserPassword",
    ]
    resources = ["${local.arn.cognito-idp}:userpool/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Project"
      values   = [var.project_name]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Environment"
      values   = [each.key]
    }
  }

  statement {
    sid     = "ChangeItems"
    actions = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:UpdateItem"]
    resources = [
      for table in ["urls", "users"] :
      "${local.arn.dynamodb}:table/${local.names[each.key]}-${table}"
    ]
  }

  statement {
    sid       = "ListLinks"
    actions   = ["dynamodb:Query"]
    resources = ["${local.arn.dynamodb}:table/${local.names[each.key]}-urls/index/user-index"]
  }

  statement {
    sid       = "ListFiles"
    actions   = ["s3:ListBucketVersions"]
    resources = ["arn:${local.partition}:s3:::${local.names[each.key]}-uploads-${local.account_id}"]
  }

  statement {
    sid       = "RemoveFiles"
    actions   = ["s3:DeleteObjectVersion"]
    resources = ["arn:${local.partition}:s3:::${local.names[each.key]}-uploads-${local.account_id}/uploads/*"]
  }

  statement {
    sid       = "ScaleService"
    actions   = ["ecs:UpdateService"]
    resources = ["${local.arn.ecs}:service/${local.names[each.key]}/${local.names[each.key]}-backend"]
  }

  statement {
    sid       = "StopTasks"
    actions   = ["ecs:StopTask"]
    resources = ["${local.arn.ecs}:task/${local.names[each.key]}/*"]
  }
}

resource "aws_iam_role" "smoke" {
  for_each = local.names

  name                 = "${each.value}-smoke"
  assume_role_policy   = data.aws_iam_policy_document.trust["${each.key}-smoke"].json
  permissions_boundary = aws_iam_policy.boundary.arn

  tags = { Environment = each.key }

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy" "smoke_reads" {
  for_each = local.names

  name   = "reads"
  role   = aws_iam_role.smoke[each.key].name
  policy = data.aws_iam_policy_document.smoke_reads[each.key].json
}

resource "aws_iam_role_policy" "smoke_writes" {
  for_each = toset(local.written)

  name   = "writes"
  role   = aws_iam_role.smoke[each.key].name
  policy = data.aws_iam_policy_document.smoke_writes[each.key].json
}
