locals {
  issuer       = "token.actions.githubusercontent.com"
  provider_arn = "arn:${local.partition}:iam::${local.account_id}:oidc-provider/${local.issuer}"

  # Which file of .github/workflows may assume which role.
  workflows = { deploy = "deploy-backend.yml", smoke = "smoke.yml" }

  jobs = merge([
    for name in keys(var.environments) : {
      for role, file in local.workflows : "${name}-${role}" => { environment = name, workflow = file }
    }
  ]...)
}

# AWS knows GitHub's certificate authority, so there is no thumbprint to keep up to date.
resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

# A job with an environment has a subject without its branch, and anybody who may push a branch may run a workflow on
# it: so the file and the branch are demanded, too. The file alone is not enough: a workflow of another branch may call
# it where it is reusable, and its job then checks that branch out. `ref` is the branch of the caller.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
# https://docs.github.com/en/actions/reference/openid-connect-reference
data "aws_iam_policy_document" "trust" {
  for_each = local.jobs

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [local.provider_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:${var.github_owner}/${var.github_repository}:environment:${each.value.environment}"]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:job_workflow_ref"
      values   = ["${var.github_owner}/${var.github_repository}/.github/workflows/${each.value.workflow}@refs/heads/${var.github_branch}"]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:ref"
      values   = ["refs/heads/${var.github_branch}"]
    }
  }
}
