"""What the checks of least privilege must keep beside their twins."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.checks.kit import complaints, privileges_of, said, verdict_of, verdicts
from tests.checks.roles import TABLE, TASK, allow, amended, inline, without
from verification.checks import PRIVILEGE_CHECKS
from verification.checks.stack import privileges
from verification.engine.aws.iam.analysis.role_privileges import role_privileges
from verification.engine.errors import ToolError
from verification.model.contract import Contract
from verification.model.privileges import Need
from verification.model.stack import Stack
from verification.model.ternary import Unknown
from verification.model.verdict import Verdict

pytestmark = pytest.mark.slow

REFERENCE = Unknown("module.dynamodb.aws_dynamodb_table.users.arn")
BEYOND = privileges.allow_nothing_beyond
CALLED = privileges.allow_what_is_called
USED = privileges.grant_what_is_called


def test_prod_names_nothing_of_dev(planned: dict[str, Stack], contract: Contract) -> None:
    """Prod's policy in dev is beyond the contract there: names belong to one environment."""
    stack = replace(planned["prod"], environment="dev")
    says = f" on {TABLE}urls, which the contract does not grant"
    assert says in complaints(BEYOND, stack, contract, TASK)


def test_a_resource_that_aws_refuses_ends_the_run(prod_stack: Stack, contract: Contract) -> None:
    """What AWS would not take for a policy is named with its statement, and judged no further."""
    with pytest.raises(ToolError, match=r"statement 1 of inline policy 2: resource '\*\*' is"):
        privileges_of(inline(allow("s3:GetObject", "**"))(prod_stack), contract)


def test_an_arn_may_stay_a_reference(prod_stack: Stack, contract: Contract) -> None:
    """The ARN of a table of the stack is judged as that table's, though no apply has made it."""
    symbolic = amended(Resource=lambda old: [REFERENCE if r == f"{TABLE}users" else r for r in old])
    found = verdicts(PRIVILEGE_CHECKS, symbolic(prod_stack), contract)
    assert set(found.values()) == {Verdict.PASS}
    more = inline(allow("dynamodb:DeleteTable", REFERENCE))(prod_stack)
    assert f"DeleteTable on {TABLE}users" in complaints(BEYOND, more, contract, TASK)


def test_nobody_to_judge_is_a_failure() -> None:
    """A stack whose tasks have no role of its own proves nothing."""
    for check in PRIVILEGE_CHECKS:
        assert verdict_of(check(())) is Verdict.FAIL


def test_what_nothing_calls_is_named(prod_stack: Stack, contract: Contract) -> None:
    """Granted within the contract and called by nothing: named with its statement, not failed."""
    text = "\n".join(str(finding) for finding in said(USED, prod_stack, contract))
    assert "statement 'ReadAndWriteItems' of file-sharing-app-prod-dynamodb-access grants" in text
    assert "dynamodb:Scan on" in text
    assert "which AWS never checks for this resource" in text


RECORDED = Need("dynamodb:Scan", f"{TABLE}users", "recorded in the smoke rung")


def test_a_recorded_call_must_be_granted(prod_stack: Stack, contract: Contract) -> None:
    """A call that was seen and is not granted fails."""
    roles = role_privileges(without("dynamodb:Scan")(prod_stack), contract, [RECORDED])
    assert f"{RECORDED} is not allowed" in "\n".join(map(str, CALLED(roles)))


def test_a_call_that_the_source_does_not_show(prod_stack: Stack, contract: Contract) -> None:
    """A call that was seen though the source has none like it: the plan rung would miss it."""
    check = privileges.source_shows_every_call
    roles = role_privileges(prod_stack, contract, [RECORDED])
    assert verdict_of(check(roles)) is Verdict.FAIL
    assert f"{RECORDED} is not found in the source" in "\n".join(map(str, check(roles)))
    shown = replace(RECORDED, where="backend/x.py:1")
    roles = role_privileges(prod_stack, contract, [RECORDED, shown])
    assert verdict_of(check(roles)) is Verdict.PASS
