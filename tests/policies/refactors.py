"""Harmless changes of this repository's Terraform: the same infrastructure, written differently."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.kit import edit

DATA = "modules/dynamodb"
SERVICE = "modules/ecs-flask-backend"
MOVED = """
moved {
  from = aws_iam_role.flask_app_task
  to   = aws_iam_role.task
}
"""
BY_NAME = """\
resource "aws_ssm_parameter" "table_name" {
  for_each = { for key, table in local.tables : key => table.name }

  name        = "${local.parameter_path}/dynamodb_${each.key}_table_name"
  description = "Name of the ${each.key} table."
  type        = "String"
  value       = each.value
}
"""
ENCODED = """\
resource "aws_iam_policy" "dynamodb_access" {
  name        = local.policy_name
  description = "Item access to the users and urls tables of ${local.name_prefix}."

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = [for name in ["GetItem", "PutItem", "Query"] : "dynamodb:${name}"]
      Resource = [
        local.table_arns.users,
        "${local.table_arns.users}/index/*",
        local.table_arns.urls,
        "${local.table_arns.urls}/index/*",
      ]
    }]
  })
}
"""


def rename_local(root: Path) -> None:
    """Call a local something else."""
    edit(root / DATA / "main.tf", "_table_arn_prefix", "_arn_of_any_table")


def move_role(root: Path) -> None:
    """Call the task role something else, and say so."""
    for name in ("iam.tf", "main.tf", "outputs.tf"):
        edit(root / SERVICE / name, "aws_iam_role.flask_app_task.", "aws_iam_role.task.")
    file = root / SERVICE / "iam.tf"
    edit(file, '"aws_iam_role" "flask_app_task"', '"aws_iam_role" "task"')
    file.write_text(file.read_text(encoding="utf-8") + MOVED, encoding="utf-8")


def wrap_module(root: Path) -> None:
    """Call the module through another one that adds nothing."""
    wrapper = root / "modules" / "data"
    wrapper.mkdir()
    for name in ("variables.tf", "versions.tf"):
        shutil.copy(root / DATA / name, wrapper / name)
    inputs, outputs = (
        re.findall(rf'^{kind} "(\w+)"', (root / DATA / file).read_text(encoding="utf-8"), re.M)
        for kind, file in (("variable", "variables.tf"), ("output", "outputs.tf"))
    )
    arguments = "".join(f"  {name} = var.{name}\n" for name in inputs)
    results = "".join(
        f'\noutput "{name}" {{\n  value = module.dynamodb.{name}\n}}\n' for name in outputs
    )
    call = f'module "dynamodb" {{\n  source = "../dynamodb"\n\n{arguments}}}\n'
    (wrapper / "main.tf").write_text(call + results, encoding="utf-8")
    edit(root / "environments/prod/main.tf", "../../modules/dynamodb", "../../modules/data")


def use_for_each(root: Path) -> None:
    """Make two parameters of one block."""
    file = root / DATA / "parameters.tf"
    text = file.read_text(encoding="utf-8")
    pattern = r'resource "aws_ssm_parameter" "dynamodb_(users|urls)_table_name" \{\n.*?^\}\n\n?'
    text, count = re.subn(pattern, "", text, flags=re.MULTILINE | re.DOTALL)
    assert count == 2
    file.write_text(text + "\n" + BY_NAME, encoding="utf-8")


def encode_document(root: Path) -> None:
    """Write the policy with jsonencode() instead of a data source.

    The data source is how it is written here, so that this is the other way round.
    """
    (root / DATA / "iam.tf").write_text(ENCODED, encoding="utf-8")


REFACTORS: dict[str, Callable[[Path], None]] = {
    "renamed-local": rename_local,
    "moved-role": move_role,
    "wrapped-module": wrap_module,
    "for-each": use_for_each,
    "encoded-document": encode_document,
}
