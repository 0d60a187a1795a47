"""The smaller policy can be pasted into the module, and is then exactly what Terraform plans."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from tests.kit import REPOSITORY, copy_terraform
from verification.checks.stack import privileges
from verification.engine.aws.iam import Policies
from verification.engine.aws.iam.analysis.comparison import beyond
from verification.engine.aws.iam.analysis.minimal_policy import smaller_policy
from verification.engine.aws.iam.analysis.role_privileges import role_privileges, source_needs
from verification.engine.run.run import Run
from verification.engine.rungs import plan
from verification.engine.source.backend_calls import source_calls
from verification.model.contract import Contract
from verification.model.privileges import Need
from verification.model.stack import Stack
from verification.model.verdict import Verdict

pytestmark = pytest.mark.slow

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/file-sharing-app-dev-"


def test_it_is_what_the_source_calls(dev_stack: Stack, contract: Contract) -> None:
    """By table and index, each action that is called there and no other."""
    needs = source_needs(source_calls(REPOSITORY), dev_stack, contract)
    found = json.loads(smaller_policy(needs, dev_stack, contract).json)["Statement"]
    granted = {(r, a) for one in found for r in one["Resource"] for a in one["Action"]}
    assert granted == {
        (TABLE + "users", "dynamodb:GetItem"),
        (TABLE + "users", "dynamodb:UpdateItem"),
        (TABLE + "urls", "dynamodb:DeleteItem"),
        (TABLE + "urls", "dynamodb:GetItem"),
        (TABLE + "urls", "dynamodb:PutItem"),
        (TABLE + "urls", "dynamodb:UpdateItem"),
        (TABLE + "urls/index/user-index", "dynamodb:Query"),
    }


def test_what_is_not_told_apart_is_for_every_table(dev_stack: Stack, contract: Contract) -> None:
    """A call of which nobody can tell the table may be of each."""
    need = Need("dynamodb:Scan", TABLE.replace("file-sharing-app-dev-", "*"), "a.py:1", exact=False)
    [one] = json.loads(smaller_policy([need], dev_stack, contract).json)["Statement"]
    assert one["Resource"] == [TABLE + "urls", TABLE + "users"]


def test_it_can_be_pasted(dev_stack: Stack, contract: Contract, tmp_path: Path) -> None:
    """In the place of the module's document it has Terraform's format, and nothing is in excess."""
    needs = tuple(source_needs(source_calls(REPOSITORY), dev_stack, contract))
    smaller = smaller_policy(needs, dev_stack, contract)
    root = copy_terraform(tmp_path)
    file = root / "modules/dynamodb/iam.tf"
    block = re.compile(r'^data "aws_iam_policy_document".*?^}\n', re.MULTILINE | re.DOTALL)
    text, count = block.subn(lambda _: smaller.terraform, file.read_text(encoding="utf-8"))
    assert count == 1
    file.write_text(text, encoding="utf-8")
    run = Run(root, contract, tmp_path / "reports", os.environ)
    try:
        assert run.get(plan.formatted) == []
        stack = run.get(plan.planned_stack, "dev")
    finally:
        run.close()
    [policy] = (one for one in stack.policies if one.name == smaller.name)
    assert policy.document is not None
    planned, wanted = Policies((policy.document,)), Policies((json.loads(smaller.json),))
    assert beyond(planned, wanted) == beyond(wanted, planned) == ()
    role, _ = role_privileges(stack, contract, needs)
    assert role.unused == role.idle == ()
    assert {f.verdict for f in privileges.allow_what_is_called([role])} == {Verdict.PASS}
