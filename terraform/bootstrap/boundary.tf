# Whatever is granted to the pipeline's roles one day: they change no permissions, and assume no other role.
data "aws_iam_policy_document" "boundary" {
  statement {
    sid         = "WorkOnTheApplication"
    not_actions = ["account:*", "iam:*", "organizations:*", "sts:*"]
    resources   = ["*"]
  }

  statement {
    sid       = "ReadPermissions"
    actions   = ["iam:Get*", "iam:List*"]
    resources = ["*"]
  }

  statement {
    sid       = "PassTheTasksRoles"
    actions   = ["iam:PassRole"]
    resources = ["arn:${local.partition}:iam::${local.account_id}:role/${var.project_name}-*-backend-*"]
  }
}

resource "aws_iam_policy" "boundary" {
  name        = "${var.project_name}-pipeline-boundary"
  description = "The most that any role of the pipeline may do."
  policy      = data.aws_iam_policy_document.boundary.json
}
