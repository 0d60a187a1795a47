"""A change that lets a role do more is caught; the same in other words is none."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.checks.edits import Change, edit, nothing
from tests.checks.kit import verdict_of
from tests.checks.roles import (
    POLICY,
    TABLE,
    TASK,
    UPDATE,
    allow,
    bounded,
    deny,
    document,
    inline,
    without,
)
from verification.checks.stack import privileges
from verification.engine.aws.iam.analysis.role_privileges import role_changes
from verification.model.changes import Changeset
from verification.model.policies import Waiver
from verification.model.stack import Stack
from verification.model.verdict import Verdict

pytestmark = pytest.mark.slow

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
ADDED = [
    ("an action", without(UPDATE), nothing, f"gains {UPDATE} on {TABLE}urls"),
    (
        "a dropped denial",
        inline(deny("dynamodb:DeleteItem", f"{TABLE}users")),
        nothing,
        f"gains dynamodb:DeleteItem on {TABLE}users",
    ),
    (
        "a dropped condition",
        inline(allow("sns:Publish", "*", Condition={"Bool": {"aws:SecureTransport": "true"}})),
        inline(allow("sns:Publish", "*")),
        "gains sns:Publish on * where aws:SecureTransport is absent",
    ),
    (
        "a dropped boundary",
        bounded(allow("dynamodb:*", "*")),
        nothing,
        "gains s3:DeleteObject, s3:GetObject, s3:PutObject on arn:aws:s3:::file-sharing-app-prod-",
    ),
    (
        "AWS's own policy",
        nothing,
        edit("roles", TASK, attached=lambda a: (*a, READ_ONLY)),
        f"gains {READ_ONLY}",
    ),
]


def compared(before: Stack | None, after: Stack, *waivers: Waiver) -> list[Any]:
    """What the check says of a change from one stack to another."""
    changeset = Changeset("prod", before, after, (), waivers=waivers)
    return privileges.adds_no_access(changeset, role_changes(before, after, {}))


@pytest.mark.parametrize(("what", "before", "after", "says"), ADDED, ids=[a[0] for a in ADDED])
def test_new_access_is_caught(
    what: str, before: Change, after: Change, says: str, prod_stack: Stack
) -> None:
    """What a role could not do before fails, with what it is and where."""
    findings = compared(before(prod_stack), after(prod_stack))
    assert says in "\n".join(str(f) for f in findings if f.verdict is Verdict.FAIL)


def test_removed_access_is_shown(prod_stack: Stack) -> None:
    """The same backwards is no failure, and is shown."""
    findings = compared(prod_stack, without(UPDATE)(prod_stack))
    assert verdict_of(findings) is Verdict.PASS
    assert f"loses {UPDATE} on {TABLE}urls" in "\n".join(map(str, findings))


def test_other_words_are_no_new_access(prod_stack: Stack) -> None:
    """A statement split into one for each action changes nothing, and so do names."""

    def split(old: dict[str, Any]) -> dict[str, Any]:
        [one] = old["Statement"]
        each = (one | {"Sid": f"S{n}", "Action": a} for n, a in enumerate(one["Action"]))
        return document(*each)

    findings = compared(prod_stack, edit("policies", POLICY, document=split)(prod_stack))
    assert {str(finding.message) for finding in findings} == {"has the same permissions as before"}


def waiver(reason: str) -> Waiver:
    """A waiver of new access at the task role."""
    days = (date(2026, 1, 1), date(2026, 2, 1))
    address = f"module.backend.{TASK}"
    return Waiver(privileges.ADDS_NO_ACCESS, address, reason, "platform", *days)


def test_a_waiver_must_name_the_access(prod_stack: Stack) -> None:
    """New access that the waiver's reason names is waived, other access at the role is not."""
    before, after = without(UPDATE)(prod_stack), prod_stack
    named = compared(before, after, waiver(f"{UPDATE} starts trials"))
    assert verdicts_in(named) == {Verdict.WAIVED, Verdict.PASS}
    assert Verdict.FAIL in verdicts_in(compared(before, after, waiver("dynamodb:Scan exports")))


@pytest.mark.parametrize(
    ("reason", "verdict"),
    [
        (f"The sign-up needs {UPDATE}.", Verdict.WAIVED),
        (f"Two (`{UPDATE}`, dynamodb:Scan) for exports", Verdict.WAIVED),
        (f"The replica job needs {UPDATE}Replica.", Verdict.FAIL),
        (f"It needs not{UPDATE}.", Verdict.FAIL),
        (f"It needs {UPDATE.lower()}, misspelt.", Verdict.FAIL),
        (f"It needs {UPDATE}*.", Verdict.FAIL),
    ],
)
def test_an_action_is_named_as_a_whole_word(
    reason: str, verdict: Verdict, prod_stack: Stack
) -> None:
    """A longer action that holds it names another; punctuation around it names it."""
    findings = compared(without(UPDATE)(prod_stack), prod_stack, waiver(reason))
    assert {f.verdict for f in findings if UPDATE in f.message} == {verdict}


@pytest.mark.parametrize(
    ("reason", "verdict"),
    [
        (f"Auditors read everything: {READ_ONLY}.", Verdict.WAIVED),
        (f"Auditors read everything: {READ_ONLY}Too.", Verdict.FAIL),
        ("Auditors read everything: ReadOnlyAccess.", Verdict.FAIL),
    ],
)
def test_an_attached_policy_is_waived_by_its_arn(
    reason: str, verdict: Verdict, prod_stack: Stack
) -> None:
    """As the remedy says: nobody can name the actions of a policy that the stack does not hold."""
    after = edit("roles", TASK, attached=lambda a: (*a, READ_ONLY))(prod_stack)
    findings = compared(prod_stack, after, waiver(reason))
    [found] = [f for f in findings if f"gains {READ_ONLY}" in f.message]
    assert found.verdict is verdict
    assert ("policy ARN" in found.remedy) == (verdict is Verdict.FAIL)


def verdicts_in(findings: list[Any]) -> set[Verdict]:
    """The verdicts of some findings."""
    return {finding.verdict for finding in findings}


def test_a_new_stack_is_all_new(prod_stack: Stack) -> None:
    """Where there was nothing before, everything is new."""
    findings = compared(None, prod_stack)
    assert Verdict.FAIL in verdicts_in(findings)
