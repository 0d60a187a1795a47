"""A policy over ARNs that AWS gives only at the apply is judged on the plan all the same."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.kit import ARNS, TERRAFORM, edit
from verification.checks.stack import privileges
from verification.engine.aws.iam.analysis.role_privileges import role_privileges
from verification.engine.run.run import Run
from verification.engine.rungs import plan, static
from verification.engine.source.hcl import parse
from verification.engine.terraform.plan.stack import read_planned_stack
from verification.model.contract import Contract
from verification.model.stack import Stack
from verification.model.ternary import Unknown
from verification.model.verdict import Verdict

pytestmark = pytest.mark.slow

Change = Callable[[Path, Contract], None]
Replan = Callable[..., Stack]
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


@pytest.fixture(scope="module")
def replan(contract: Contract, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replan]:
    """Plan dev with a module changed: one copy, which is made as it was before each plan."""
    run = Run(TERRAFORM, contract, tmp_path_factory.mktemp("reports"), os.environ)

    def planned(*changes: Change) -> Stack:
        terraform = run.get(plan.initialised, "dev")
        file = terraform.tree / FILE
        file.write_bytes((TERRAFORM / FILE).read_bytes())
        for change in changes:
            change(file, contract)
        terraform.plan()
        name, source = f"{run.root.name}/{FILE}", run.get(static.source)
        kept = (block for block in source.blocks if block.file != name)
        changed = replace(source, blocks=(*kept, *parse(file, name)))
        root = f"{run.root.name}/environments/dev"
        return read_planned_stack(terraform.show(), changed, root, "dev")

    try:
        yield planned
    finally:
        run.close()


def deleting(file: Path, contract: Contract) -> None:
    """Allow one action too many."""
    edit(file, '"dynamodb:Scan"', '"dynamodb:Scan", "dynamodb:DeleteTable"')


@pytest.mark.parametrize("change", [in_a_data_source, in_jsonencode])
def test_a_symbolic_arn_is_judged(change: Change, contract: Contract, replan: Replan) -> None:
    """Nothing stays open: the document says the same as with the ARN built from the name."""
    stack = replan(change)
    roles = role_privileges(stack, contract)
    for check in (privileges.allow_nothing_beyond, privileges.allow_all_of_the_contract):
        assert {finding.verdict for finding in check(roles)} == {Verdict.PASS}


@pytest.mark.parametrize("change", [in_a_data_source, in_jsonencode])
def test_an_excess_on_a_symbolic_arn_is_found(
    change: Change, contract: Contract, replan: Replan
) -> None:
    """The same with one action too many fails on the plan already."""
    stack = replan(change, deleting)
    role, _ = role_privileges(stack, contract)
    [excess, *_] = role.beyond
    assert excess.certain
    assert excess.actions == ("dynamodb:DeleteTable",)


def merging(file: Path, contract: Contract) -> None:
    """Merge a further document into it."""
    in_a_data_source(file, contract)
    edit(file, '"dynamodb_access" {\n  statement', MERGED)


MERGED = '"dynamodb_access" {\n  source_policy_documents = ["{}"]\n  statement'


def test_what_is_truly_undecidable_stays_unknown(contract: Contract, replan: Replan) -> None:
    """A document that is merged from others is for the sandbox to judge."""
    stack = replan(merging)
    [policy] = (one for one in stack.policies if str(one.name).endswith("dynamodb-access"))
    assert isinstance(policy.document, Unknown)
    verdicts = {
        f.verdict for f in privileges.allow_nothing_beyond(role_privileges(stack, contract))
    }
    # The execution role has nothing to do with it.
    assert verdicts == {Verdict.UNKNOWN, Verdict.PASS}
