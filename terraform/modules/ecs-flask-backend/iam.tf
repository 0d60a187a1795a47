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
# Execution role: what ECS needs to start a task (image, log streams)
################################################################################

resource "aws_iam_role" "flask_app_execution" {
  name               = "${local.service_name}-execution"
  description        = "Lets ECS pull the image and write the logs of ${local.service_name}."
  assume_role_policy = data.aws_iam_policy_document.ecs_tasks_trust.json
}

resource "aws_iam_role_policy_attachment" "flask_app_execution" {
  role = aws_iam_role.flask_app_execution.name
  policy_arn = join(":", [
    "arn", local.partition, "iam::aws", "policy/service-role/AmazonECSTaskExecutionRolePolicy"
  ])
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
