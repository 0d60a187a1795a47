"""A policy over ARNs that AWS gives only at the apply is judged on the plan all the same."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kit import ARNS, copy_terraform, edit
from verification.checks.stack import privileges
from verification.engine.aws.iam.analysis.role_privileges import role_privileges
from verification.engine.run.run import Run
from verification.engine.rungs import plan
from verification.model.contract import Contract
from verification.model.stack import Stack
from verification.model.ternary import Unknown
from verification.model.verdict import Verdict

pytestmark = pytest.mark.slow

FILE = "modules/dynamodb/iam.tf"
ENDS = ("", "/index/*")
ENCODED = """jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "ReadAndWriteItems"
      Effect   = "Allow"
      Action   = [%s]
      Resource = [%s]
    }]
  })"""


def in_a_data_source(file: Path, contract: Contract) -> None:
    """Name the users table by its resource, where the module has a map of ARNs."""
    urls = "${local._table_arn_prefix}/${local.name_prefix}-urls"
    tables = ("${aws_dynamodb_table.users.arn}", urls)
    arns = ", ".join(f'"{table}{end}"' for table in tables for end in ENDS)
    edit(file, ARNS, f"[{arns}]")


def in_jsonencode(file: Path, contract: Contract) -> None:
    """Write the whole document in the policy itself, every table by its resource."""
    text = file.read_text(encoding="utf-8")
    file.write_text(text[text.index('resource "aws_iam_policy"') :], encoding="utf-8")
    actions = ", ".join(f'"{action}"' for action in contract.access.actions)
    tables = (f"aws_dynamodb_table.{table.key}.arn" for table in contract.tables)
    arns = ", ".join(f'"${{{table}}}{end}"' for table in tables for end in ENDS)
    whole = ENCODED % (actions, arns)
    edit(file, "data.aws_iam_policy_document.dynamodb_access.json", whole)


def planned(folder: Path, contract: Contract, *changes: Callable[[Path, Contract], None]) -> Stack:
    """The stack that a changed module promises for dev."""
    root = copy_terraform(folder)
    for change in changes:
        change(root / FILE, contract)
    run = Run(root, contract, folder / "reports", os.environ)
    try:
        stack = run.get(plan.planned_stack, "dev")
    finally:
        run.close()
    return stack


def deleting(file: Path, contract: Contract) -> None:
    """Allow one action too many."""
    edit(file, '"dynamodb:Scan"', '"dynamodb:Scan", "dynamodb:DeleteTable"')


@pytest.mark.parametrize("change", [in_a_data_source, in_jsonencode])
def test_a_symbolic_arn_is_judged(
    change: Callable[[Path, Contract], None], contract: Contract, tmp_path: Path
) -> None:
    """Nothing stays open: the document says the same as with the ARN built from the name."""
    stack = planned(tmp_path, contract, change)
    roles = role_privileges(stack, contract)
    for check in (privileges.allow_nothing_beyond, privileges.allow_all_of_the_contract):
        assert {finding.verdict for finding in check(roles)} == {Verdict.PASS}


@pytest.mark.parametrize("change", [in_a_data_source, in_jsonencode])
def test_an_excess_on_a_symbolic_arn_is_found(
    change: Callable[[Path, Contract], None], contract: Contract, tmp_path: Path
) -> None:
    """The same with one action too many fails on the plan already."""
    stack = planned(tmp_path, contract, change, deleting)
    [role] = role_privileges(stack, contract)
    [excess, *_] = role.beyond
    assert excess.certain
    assert excess.actions == ("dynamodb:DeleteTable",)


def merging(file: Path, contract: Contract) -> None:
    """Merge a further document into it."""
    in_a_data_source(file, contract)
    edit(file, '"dynamodb_access" {\n  statement', MERGED)


MERGED = '"dynamodb_access" {\n  source_policy_documents = ["{}"]\n  statement'


def test_what_is_truly_undecidable_stays_unknown(contract: Contract, tmp_path: Path) -> None:
    """A document that is merged from others is for the sandbox to judge."""
    stack = planned(tmp_path, contract, merging)
    [policy] = (one for one in stack.policies if str(one.name).endswith("dynamodb-access"))
    assert isinstance(policy.document, Unknown)
    verdicts = {
        f.verdict for f in privileges.allow_nothing_beyond(role_privileges(stack, contract))
    }
    assert verdicts == {Verdict.UNKNOWN}
