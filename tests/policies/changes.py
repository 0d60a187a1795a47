"""Bad changes of this repository's Terraform, a few lines each, with the rule that must fail."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.kit import ARNS, edit

DATA = "modules/dynamodb"
SERVICE = "modules/ecs-flask-backend"
BREAKER = """\
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }
"""
TTL = """\
  ttl {
    attribute_name = "expires_at_ttl"
    enabled        = true
  }
"""
CONDITIONS = """\
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
"""
PUBLIC_ACCESS = """\
resource "aws_s3_bucket_public_access_block" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
"""
PASSED_ON = "dynamodb_policy_arn         = module.dynamodb.policy_arn"
ATTACHED = "policy_arn = var.dynamodb_policy_arn\n  role       = aws_iam_role.flask_app_task.name"
VARIABLES = "  container_environment = {\n"


@dataclass(frozen=True)
class Change:
    """A text replaced in a file, and the rule that must fail.

    `planned` is the environment whose plan is needed to tell; "" where source tells.
    """

    rule: str
    file: str
    old: str
    new: str
    planned: str = ""

    def make(self, root: Path) -> None:
        """Make the change in a copy of the Terraform."""
        edit(root / self.file, self.old, self.new)


def reaches(arn: str) -> Change:
    """Access to what an ARN names; only a plan tells what the map of the tables names."""
    return Change("CKV_FSP_8", f"{DATA}/iam.tf", ARNS, f'["{arn}"]')


BAD = {
    "recovery off": Change(
        "CKV_FSP_1",
        f"{DATA}/main.tf",
        "enabled = var.enable_point_in_time_recovery",
        "enabled = false",
    ),
    "TTL attribute renamed": Change(
        "CKV_FSP_2", f"{DATA}/main.tf", '"expires_at_ttl"', '"expires_at"'
    ),
    "TTL removed": Change("CKV_FSP_2", f"{DATA}/main.tf", TTL, ""),
    "TTL on users": Change(
        "CKV_FSP_2",
        f"{DATA}/main.tf",
        '    name = "email"\n    type = "S"\n  }\n',
        '    name = "email"\n    type = "S"\n  }\n' + TTL,
    ),
    "encryption off": Change(
        "CKV_FSP_3", f"{DATA}/main.tf", "enabled     = true", "enabled     = false"
    ),
    "production unprotected": Change(
        "CKV_FSP_4",
        "environments/prod/prod.tfvars",
        "deletion_protection_enabled   = true",
        "deletion_protection_enabled   = false",
        "prod",
    ),
    "provisioned capacity": Change(
        "CKV_FSP_5",
        f"{DATA}/main.tf",
        '"PAY_PER_REQUEST"',
        '"PROVISIONED"\n  read_capacity = 5\n  write_capacity = 5',
    ),
    "index with keys only": Change("CKV_FSP_6", f"{DATA}/main.tf", '"ALL"', '"KEYS_ONLY"'),
    "no alarm on throttled writes": Change(
        "CKV_FSP_7", "modules/monitoring/tables.tf", 'in ["Read", "Write"]', 'in ["Read"]', "dev"
    ),
    "every region": reaches("arn:${local.partition}:dynamodb:*:${local.account_id}:table/users"),
    "every account": reaches("arn:${local.partition}:dynamodb:${var.aws_region}:*:table/users"),
    "every table": reaches("${local._table_arn_prefix}/*"),
    "every action on tables": Change(
        "CKV_FSP_9", f"{DATA}/iam.tf", '"dynamodb:UpdateItem"', '"dynamodb:*"'
    ),
    "every action on uploads": Change(
        "CKV_FSP_9", f"{SERVICE}/iam.tf", '"s3:GetObject", "s3:PutObject"', '"s3:*Object"'
    ),
    "access for the execution role": Change(
        "CKV_FSP_10",
        f"{SERVICE}/iam.tf",
        ATTACHED,
        ATTACHED.replace("_task.name", "_execution.name"),
    ),
    "access for flow logs": Change(
        "CKV_FSP_10", "modules/network/flow_logs.tf", '"logs:PutLogEvents",', '"dynamodb:GetItem",'
    ),
    "policy not passed on": Change("CKV_FSP_10", "environments/dev/main.tf", PASSED_ON, "", "dev"),
    "one role for both": Change(
        "CKV_FSP_10",
        f"{SERVICE}/main.tf",
        "aws_iam_role.flask_app_task.arn",
        "aws_iam_role.flask_app_execution.arn",
    ),
    "trust of any account": Change("CKV_FSP_11", f"{SERVICE}/iam.tf", CONDITIONS, ""),
    "trust of another service": Change(
        "CKV_FSP_11",
        f"{SERVICE}/iam.tf",
        '["ecs-tasks.amazonaws.com"]',
        '["ecs-tasks.amazonaws.com", "lambda.amazonaws.com"]',
    ),
    "parameter elsewhere": Change(
        "CKV_FSP_12",
        f"{DATA}/parameters.tf",
        '"${local.parameter_path}/use_dynamodb"',
        '"/fileshare/${var.environment}-use_dynamodb"',
    ),
    "table name as a secret": Change(
        "CKV_FSP_12",
        f"{DATA}/parameters.tf",
        'type        = "String"\n  value       = local.tables.urls.name',
        'type        = "SecureString"\n  value       = local.tables.urls.name',
    ),
    "switch undone by the next apply": Change(
        "CKV_FSP_13", f"{DATA}/parameters.tf", "ignore_changes = [value]", "ignore_changes = []"
    ),
    "no circuit breaker": Change("CKV_FSP_14", f"{SERVICE}/main.tf", BREAKER, ""),
    "no rollback": Change(
        "CKV_FSP_14", f"{SERVICE}/main.tf", "rollback = true", "rollback = false"
    ),
    "secret by its name": Change(
        "CKV_FSP_15", f"{SERVICE}/main.tf", VARIABLES, f'{VARIABLES}    MAIL_API_KEY = "0123"\n'
    ),
    "secret by its value": Change(
        "CKV_FSP_15",
        f"{SERVICE}/main.tf",
        VARIABLES,
        f'{VARIABLES}    DATABASE = "postgres://app:hunter2@db/app"\n',
    ),
    "log lines dropped by default": Change(
        "CKV_FSP_18", f"{SERVICE}/main.tf", '        mode            = "non-blocking"\n', ""
    ),
    "logs for ever": Change(
        "CKV_FSP_16", f"{SERVICE}/main.tf", "  retention_in_days = var.log_retention_days\n", ""
    ),
    "uploads half closed": Change(
        "CKV_FSP_17",
        f"{SERVICE}/storage.tf",
        "restrict_public_buckets = true",
        "restrict_public_buckets = false",
    ),
    "uploads open": Change(
        "CKV2_FSP_1",
        f"{SERVICE}/storage.tf",
        PUBLIC_ACCESS,
        "",
    ),
    # checkov's own rules.
    "image tags that change": Change(
        "CKV_AWS_51", f"{SERVICE}/main.tf", '"IMMUTABLE"', '"MUTABLE"'
    ),
    "images not scanned": Change(
        "CKV_AWS_163", f"{SERVICE}/main.tf", "scan_on_push = true", "scan_on_push = false"
    ),
    "tasks with public addresses": Change(
        "CKV_AWS_333", f"{SERVICE}/main.tf", "assign_public_ip = false", "assign_public_ip = true"
    ),
    "invalid headers let in": Change(
        "CKV_AWS_131",
        f"{SERVICE}/alb.tf",
        "drop_invalid_header_fields = true",
        "drop_invalid_header_fields = false",
    ),
    "uploads without versions": Change(
        "CKV_AWS_21",
        f"{SERVICE}/storage.tf",
        'status = "Enabled"\n  }\n}\n\nresource "aws_s3_bucket_lif',
        'status = "Suspended"\n  }\n}\n\nresource "aws_s3_bucket_lif',
    ),
}
