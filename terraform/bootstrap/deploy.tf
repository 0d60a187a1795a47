# What `python -m backend.deploy` calls, and what pushes an image; nothing that ends or deletes.
data "aws_iam_policy_document" "deploy" {
  for_each = local.names

  statement {
    sid       = "ReadParameters"
    actions   = ["ssm:GetParametersByPath"]
    resources = ["${local.arn.ssm}:parameter/fileshare/${each.key}", "${local.arn.ssm}:parameter/fileshare/${each.key}/*"]
  }

  statement {
    sid       = "DeployService"
    actions   = ["ecs:DescribeServices", "ecs:UpdateService"]
    resources = ["${local.arn.ecs}:service/${each.value}/${each.value}-backend"]
  }

  statement {
    sid       = "RegisterRevision"
    actions   = ["ecs:RegisterTaskDefinition", "ecs:TagResource"]
    resources = ["${local.arn.ecs}:task-definition/${each.value}-backend:*"]
  }

  # AWS does not restrict reading a revision to a resource.
  statement {
    sid       = "ReadRevisions"
    actions   = ["ecs:DescribeTaskDefinition"]
    resources = ["*"]
  }

  statement {
    sid       = "ListTasks"
    actions   = ["ecs:ListTasks"]
    resources = ["*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = ["${local.arn.ecs}:cluster/${each.value}"]
    }
  }

  statement {
    sid       = "ReadTasks"
    actions   = ["ecs:DescribeTasks"]
    resources = ["${local.arn.ecs}:task/${each.value}/*"]
  }

  statement {
    sid       = "PassTheTasksRoles"
    actions   = ["iam:PassRole"]
    resources = [for role in ["execution", "task"] : "arn:${local.partition}:iam::${local.account_id}:role/${each.value}-backend-${role}"]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }

  # AWS does not restrict a login to a repository.
  statement {
    sid       = "LogInToRegistry"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  # https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html, and the workflow asks for an image.
  statement {
    sid = "PushImages"
    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:CompleteLayerUpload",
      "ecr:DescribeImages",
      "ecr:InitiateLayerUpload",
      "ecr:PutImage",
      "ecr:UploadLayerPart",
    ]
    resources = ["${local.arn.ecr}:repository/${each.value}-backend"]
  }
}

resource "aws_iam_role" "deploy" {
  for_each = local.names

  name                 = "${each.value}-deploy"
  assume_role_policy   = data.aws_iam_policy_document.trust["${each.key}-deploy"].json
  permissions_boundary = aws_iam_policy.boundary.arn

  tags = { Environment = each.key }

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy" "deploy" {
  for_each = local.names

  name   = "deploy"
  role   = aws_iam_role.deploy[each.key].name
  policy = data.aws_iam_policy_document.deploy[each.key].json
}
