"""Bad changes to the real Terraform: each must fail its own criterion, by a message that helps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.kit import ARNS, copy_terraform, edit, verify

pytestmark = pytest.mark.slow

Change = Callable[[Path], None]


@dataclass(frozen=True)
class Mutant:
    """A bad change, the run that must notice it, and what that run must say.

    `says` are texts of the output; `also` are further criteria that may fail with it.
    """

    change: Change
    arguments: tuple[str, ...]
    criterion: str
    says: tuple[str, ...]
    code: int = 1
    also: frozenset[str] = field(default=frozenset())


STATIC = ("verification/static",)
# Without the modules' own tests: they would see some of this too, and take as long as all the rest.
OTHERS = ("-k", "not modules_pass_their_tests")
PLAN_DEV = ("verification/plan", "--environment", "dev", *OTHERS)
PLAN_PROD = ("verification/plan", "--environment", "prod", *OTHERS)
OF_MODULES = ("verification/plan", "--environment", "dev", "-k", "modules_pass_their_tests")
DYNAMODB = "modules/dynamodb"


def replace(file: str, old: str, new: str) -> Change:
    """A change that replaces a text of one file."""
    return lambda root: edit(root / file, old, new)


def add(file: str, text: str) -> Change:
    """A change that adds a file."""

    def change(root: Path) -> None:
        (root / file).write_text(text, encoding="utf-8")

    return change


def drop_email_index(root: Path) -> None:
    """Remove the index, and the attribute that only it uses, as the provider demands."""
    file = root / DYNAMODB / "main.tf"
    index = '  global_secondary_index {\n    name            = "email-index"'
    start = file.read_text(encoding="utf-8").index(index)
    text = file.read_text(encoding="utf-8")
    text = text[:start] + text[text.index("\n  }\n", start) + 5 :]
    attribute = '  attribute {\n    name = "email"\n    type = "S"\n  }\n'
    assert attribute in text
    file.write_text(text.replace(attribute, ""), encoding="utf-8")


def detach_policy(root: Path) -> None:
    """Forget to pass the policy to the backend, in every environment alike."""
    for name in ("dev", "prod"):
        line = "  dynamodb_policy_arn         = module.dynamodb.policy_arn\n"
        edit(root / f"environments/{name}/main.tf", line, "")


MUTANTS = {
    "recovery off in prod": Mutant(
        replace(
            "environments/prod/prod.tfvars",
            "enable_point_in_time_recovery = true",
            "enable_point_in_time_recovery = false",
        ),
        PLAN_PROD,
        "point-in-time-recovery",
        (
            "terraform/modules/dynamodb/main.tf",
            "module.dynamodb.aws_dynamodb_table.users",
            "environments/prod/prod.tfvars",
        ),
    ),
    "TTL attribute renamed": Mutant(
        replace(
            f"{DYNAMODB}/main.tf",
            'attribute_name = "expires_at_ttl"',
            'attribute_name = "expires_at"',
        ),
        PLAN_DEV,
        "time-to-live",
        ("module.dynamodb.aws_dynamodb_table.urls", "'expires_at'; expected 'expires_at_ttl'"),
    ),
    "a maximum throughput that bounds nothing": Mutant(
        replace(
            "environments/dev/dev.tfvars", "write_request_units = 100", "write_request_units = 9999"
        ),
        PLAN_DEV,
        "whole-bill",
        (
            "module.dynamodb.aws_dynamodb_table.urls",
            "max_write_request_units of user-index is 9999; expected from 90 to 500",
        ),
    ),
    "a NAT gateway for each zone of dev": Mutant(
        replace("environments/dev/dev.tfvars", "per_zone = false", "per_zone = true"),
        PLAN_DEV,
        "whole-bill",
        ("the bill of dev: costs $", "aws_nat_gateway $66.15", "expected at most $90.00"),
    ),
    "a resource without a price": Mutant(
        add(
            "modules/network/firewall.tf",
            'resource "aws_wafv2_ip_set" "none" {\n  name               = "none"\n'
            '  scope              = "REGIONAL"\n  ip_address_version = "IPV4"\n'
            "  addresses          = []\n}\n",
        ),
        PLAN_DEV,
        "whole-bill",
        ("module.network.aws_wafv2_ip_set.none", "its type has no price. Add its price to"),
    ),
    "email-index removed": Mutant(
        drop_email_index,
        PLAN_DEV,
        "tables-created",
        ("module.dynamodb.aws_dynamodb_table.users", "email-index"),
    ),
    "a ninth action": Mutant(
        replace(
            f"{DYNAMODB}/iam.tf",
            '"dynamodb:UpdateItem",',
            '"dynamodb:UpdateItem",\n      "dynamodb:DeleteTable",',
        ),
        PLAN_DEV,
        "least-privilege",
        ("module.dynamodb.aws_iam_policy.dynamodb_access", "dynamodb:DeleteTable on arn:aws:"),
    ),
    "every resource": Mutant(
        replace(f"{DYNAMODB}/iam.tf", ARNS, f'concat(["*"], {ARNS})'),
        PLAN_DEV,
        "least-privilege",
        ("module.dynamodb.aws_iam_policy.dynamodb_access", "on * is allowed"),
    ),
    "a parameter under a wrong prefix": Mutant(
        replace(
            f"{DYNAMODB}/parameters.tf",
            '"${local.parameter_path}/use_dynamodb"',
            '"/fileshare/${var.environment}-use_dynamodb"',
        ),
        PLAN_DEV,
        "parameters-populated",
        ("/fileshare/dev/use_dynamodb: the parameter is missing", "parameters.tf"),
    ),
    "policy not attached": Mutant(
        detach_policy,
        PLAN_DEV,
        "task-role-permissions",
        ("module.backend.aws_iam_role.flask_app_task", "is not attached"),
        also=frozenset({"least-privilege"}),
    ),
    "every image for ECS": Mutant(
        replace(
            "modules/ecs-flask-backend/iam.tf",
            """["${local.regional_arn["ecr"]}:repository/${local.service_name}"]""",
            '["*"]',
        ),
        PLAN_DEV,
        "least-privilege",
        ("module.backend.aws_iam_role.flask_app_execution", "ecr:BatchGetImage"),
    ),
    "backups that expire": Mutant(
        replace("modules/monitoring/events.tf", '["ABORTED", "EXPIRED", "FAILED"]', '["FAILED"]'),
        PLAN_PROD,
        "monitoring",
        ("EXPIRED of module.dynamodb.aws_backup_vault.this[0]", "modules/monitoring/events.tf"),
    ),
    "a role that writes parameters": Mutant(
        replace(
            "modules/ecs-flask-backend/iam.tf",
            '"${local.uploads_bucket_arn}/uploads/*"]\n  }',
            """"${local.uploads_bucket_arn}/uploads/*"]
  }

  statement {
    actions   = ["ssm:Put*"]
    resources = ["arn:${local.partition}:ssm:${var.aws_region}:${local.account_id}:parameter/*"]
  }""",
        ),
        PLAN_DEV,
        "least-privilege",
        ("module.backend.aws_iam_role.flask_app_task: allows ssm:PutParameter, ssm:PutResource",),
    ),
    "a role without what the backend calls": Mutant(
        replace(f"{DYNAMODB}/iam.tf", '      "dynamodb:UpdateItem",\n', ""),
        PLAN_DEV,
        "least-privilege",
        ("dynamodb:UpdateItem on arn:aws:dynamodb:", "(backend/dynamodb_adapter.py:"),
    ),
    "a role for every branch": Mutant(
        replace("bootstrap/github.tf", ".com:job_workflow_ref", ".com:actor"),
        PLAN_DEV,
        "pipeline-access",
        (
            "terraform/bootstrap/deploy.tf:",
            'aws_iam_role.deploy["dev"]: the values of token.actions.githubusercontent.com:job_',
            "are none; expected 'example/file-sharing-app/.github/workflows/deploy-backend.yml@",
        ),
    ),
    "syntax error": Mutant(
        replace("modules/identity/outputs.tf", "output ", "output output {"),
        STATIC,
        "",
        ("terraform/modules/identity/outputs.tf:1:", "is not valid HCL"),
        code=3,
    ),
    "override file, in the source": Mutant(
        add(f"{DYNAMODB}/x_override.tf", 'resource "aws_dynamodb_table" "users" {}\n'),
        STATIC,
        "terraform-clean",
        ("terraform/modules/dynamodb/x_override.tf", "changes the configuration"),
        also=frozenset({"module-pattern"}),
    ),
    "override file, in the plan": Mutant(
        add(
            f"{DYNAMODB}/x_override.tf",
            'resource "aws_dynamodb_table" "users" {\n'
            "  server_side_encryption {\n    enabled = false\n  }\n}\n",
        ),
        PLAN_DEV,
        "encryption",
        ("module.dynamodb.aws_dynamodb_table.users", "server-side encryption is off"),
    ),
    "a promise that only a module's own tests know": Mutant(
        replace("modules/identity/main.tf", '"ENABLED"', '"LEGACY"'),
        OF_MODULES,
        "module-pattern",
        (
            "terraform/modules/identity/tests/identity.tftest.hcl:",
            "run passwords_are_not_sent",
            "A sign-in does not tell who has an account.",
            "terraform test` in terraform/modules/identity, and mend module or test.",
        ),
    ),
    "a module whose tests are gone": Mutant(
        lambda root: (root / "modules/network/tests/network.tftest.hcl").unlink(),
        OF_MODULES,
        "module-pattern",
        ("terraform/modules/network: a test of its own is missing. Write tests/network",),
    ),
    "provider unpinned": Mutant(
        replace(f"{DYNAMODB}/versions.tf", '"~> 5.100"', '">= 5.100"'),
        STATIC,
        "module-pattern",
        ("terraform/modules/dynamodb/versions.tf", "provider aws has version >= 5.100"),
    ),
    "the switch set back by the next apply": Mutant(
        replace(f"{DYNAMODB}/parameters.tf", "ignore_changes = [value]", "ignore_changes = []"),
        STATIC,
        "quick-rollback",
        ("terraform/modules/dynamodb/parameters.tf", "aws_ssm_parameter.use_dynamodb"),
    ),
    "prod without HTTPS": Mutant(
        replace("environments/prod/prod.tfvars", "certificate_arn  ", "# certificate_arn  "),
        PLAN_PROD,
        "production-protection",
        ("module.backend.aws_lb.backend", "an HTTPS listener is missing", "prod.tfvars"),
    ),
    "environments that differ": Mutant(
        replace("environments/prod/main.tf", "nat_gateway_per_zone    = var", "# = var"),
        STATIC,
        "environments-alike",
        ("terraform/environments/prod/main.tf", "terraform/environments/dev"),
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS.keys())
def test_bad_change_fails_its_criterion(mutant: Mutant, tmp_path: Path) -> None:
    """The criterion that the change breaks fails, and no other; the message names the place."""
    root = copy_terraform(tmp_path)
    mutant.change(root)
    outcome = verify(tmp_path / "reports", *mutant.arguments, "--terraform-root", root)
    assert outcome.code == mutant.code, outcome.output
    assert outcome.failed() - mutant.also == ({mutant.criterion} - {""}), outcome.output
    for text in mutant.says:
        assert text in outcome.output
