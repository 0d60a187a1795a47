# Only ECS, only for tasks of this account and region: the conditions close the confused deputy.
data "aws_iam_policy_document" "ecs_tasks_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:ecs:${var.aws_region}:${local.account_id}:*"]
    }
  }
}

################################################################################
# Execution role: what ECS needs to start a task (image, log streams, secrets)
################################################################################

resource "aws_iam_role" "flask_app_execution" {
  name               = "${local.service_name}-execution"
  description        = "Lets ECS pull the image and write the logs of ${local.service_name}."
  assume_role_policy = data.aws_iam_policy_document.ecs_tasks_trust.json
}

# AmazonECSTaskExecutionRolePolicy would allow this on every repository and log group.
data "aws_iam_policy_document" "execution" {
  statement {
    sid       = "SignInToRegistry"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"] # It has no resource.
  }

  statement {
    sid = "PullImage"

    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:GetDownloadUrlForLayer",
    ]

    resources = ["${local.regional_arn["ecr"]}:repository/${local.service_name}"]
  }

  statement {
    sid       = "WriteLog"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.regional_arn["logs"]}:log-group:${local.log_group_name}:*"]
  }

  dynamic "statement" {
    for_each = length(var.secret_parameters) > 0 ? [1] : []

    content {
      sid     = "ReadSecrets"
      actions = ["ssm:GetParameters"]

      resources = [
        for name in var.secret_parameters : "${local.regional_arn["ssm"]}:parameter${name}"
      ]
    }
  }
}

resource "aws_iam_role_policy" "flask_app_execution" {
  name   = "start-tasks"
  role   = aws_iam_role.flask_app_execution.name
  policy = data.aws_iam_policy_document.execution.json
}

################################################################################
# Task role: what the application itself may do
################################################################################

resource "aws_iam_role" "flask_app_task" {
  name               = "${local.service_name}-task"
  description        = "What the application in ${local.service_name} may do."
  assume_role_policy = data.aws_iam_policy_document.ecs_tasks_trust.json
}

# The ARN must be known at plan time, or this count is an error on a first plan: the dynamodb module
# builds it from names.
resource "aws_iam_role_policy_attachment" "flask_app_dynamodb_policy_attachment" {
  count      = var.dynamodb_policy_arn != null ? 1 : 0
  policy_arn = var.dynamodb_policy_arn
  role       = aws_iam_role.flask_app_task.name
}

data "aws_iam_policy_document" "uploads_access" {
  statement {
    sid       = "ReadAndWriteUploads"
    actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = ["${local.uploads_bucket_arn}/uploads/*"]
  }
}

resource "aws_iam_role_policy" "flask_app_uploads" {
  name   = "uploads-access"
  role   = aws_iam_role.flask_app_task.name
  policy = data.aws_iam_policy_document.uploads_access.json
}
