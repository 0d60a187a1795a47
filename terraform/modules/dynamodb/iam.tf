data "aws_iam_policy_document" "dynamodb_access" {
  statement {
    sid = "ReadAndWriteItems"

    # The ceiling. Table administration is deliberately not here, and neither is KMS: with a
    # customer-managed key, the key's own policy admits the role (see README).
    actions = [
      "dynamodb:BatchGetItem",
      "dynamodb:BatchWriteItem",
      "dynamodb:DeleteItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:Scan",
      "dynamodb:UpdateItem",
    ]

    resources = flatten([for arn in values(local.table_arns) : [arn, "${arn}/index/*"]])
  }
}

resource "aws_iam_policy" "dynamodb_access" {
  name        = local.policy_name
  description = "Item access to the users and urls tables of ${local.name_prefix}."
  policy      = data.aws_iam_policy_document.dynamodb_access.json
}
