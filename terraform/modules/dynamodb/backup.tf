# Scheduled backups, beside point-in-time recovery: they outlive the table and the 35-day window.

data "aws_iam_policy_document" "backup_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["backup.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

resource "aws_iam_role" "backup" {
  count = var.backup != null ? 1 : 0

  name               = "${local.name_prefix}-dynamodb-backup"
  description        = "Lets AWS Backup copy and restore the tables of ${local.name_prefix}."
  assume_role_policy = data.aws_iam_policy_document.backup_trust.json
}

resource "aws_iam_role_policy_attachment" "backup" {
  for_each = toset(var.backup != null ? ["ForBackup", "ForRestores"] : [])

  role = aws_iam_role.backup[0].name
  policy_arn = join("", [
    "arn:${local.partition}:iam::aws:policy/service-role/AWSBackupServiceRolePolicy", each.value
  ])
}

resource "aws_backup_vault" "this" {
  count = var.backup != null ? 1 : 0

  name          = "${local.name_prefix}-dynamodb"
  kms_key_arn   = var.kms_key_arn
  force_destroy = !var.deletion_protection_enabled
}

# Governance mode: no backup ends before its retention does, and no destroy empties the vault, until
# somebody who may removes this lock. Compliance mode (changeable_for_days) nobody could ever undo.
resource "aws_backup_vault_lock_configuration" "this" {
  count = var.backup != null && var.deletion_protection_enabled ? 1 : 0

  backup_vault_name  = aws_backup_vault.this[0].name
  min_retention_days = var.backup.retention_days
}

resource "aws_backup_plan" "this" {
  count = var.backup != null ? 1 : 0

  name = "${local.name_prefix}-dynamodb"

  rule {
    rule_name         = "scheduled"
    target_vault_name = aws_backup_vault.this[0].name
    schedule          = var.backup.schedule

    lifecycle {
      delete_after = var.backup.retention_days
    }
  }
}

resource "aws_backup_selection" "this" {
  count = var.backup != null ? 1 : 0

  name         = "${local.name_prefix}-tables"
  plan_id      = aws_backup_plan.this[0].id
  iam_role_arn = aws_iam_role.backup[0].arn
  resources    = values(local.table_arns)

  depends_on = [aws_iam_role_policy_attachment.backup]
}
