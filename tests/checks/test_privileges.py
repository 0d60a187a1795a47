"""The checks of least privilege catch each way in which a task role may do too much or too little.

Documents are changed, and the evaluator judges the role as a whole, as on the rungs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.checks.kit import Change, complaints, edit, nothing, together, verdict_of
from tests.checks.roles import (
    POLICY,
    TABLE,
    TASK,
    UPDATE,
    allow,
    amended,
    bounded,
    deny,
    inline,
    without,
)
from tests.kit import REPOSITORY
from verification.checks import PRIVILEGE_CHECKS
from verification.checks.registry import name_of
from verification.checks.stack import privileges
from verification.engine.aws.iam.analysis.role_privileges import role_privileges, source_needs
from verification.engine.source.backend_calls import source_calls
from verification.model.contract import Contract
from verification.model.privileges import Need, RolePrivileges
from verification.model.stack import Stack
from verification.model.ternary import Unknown
from verification.model.verdict import Verdict

ROOT = REPOSITORY
OBJECTS = "arn:aws:s3:::file-sharing-app-prod-uploads-123456789012/uploads/*"
BEYOND = privileges.allow_nothing_beyond
LACKING = privileges.allow_all_of_the_contract
REAL = privileges.name_real_actions
CALLED = privileges.allow_what_is_called
USED = privileges.grant_what_is_called
Judge = Callable[[Stack], tuple[RolePrivileges, ...]]


EVERYTHING = allow("*", "*")
# The mistake, the checks that must fail, what is wrong, and how the first of them says so.
BAD: list[tuple[str, set[Any], Change, str]] = [
    (
        "writes parameters",
        {BEYOND, USED},
        inline(allow("ssm:PutParameter", "arn:aws:ssm:us-east-1:123456789012:parameter/a")),
        "allows ssm:PutParameter on arn:aws:ssm:us-east-1:123456789012:parameter/a, which the "
        "contract does not grant",
    ),
    ("every action of S3", {BEYOND, USED}, inline(allow("s3:*", OBJECTS)), "s3:DeleteObject"),
    ("every bucket", {BEYOND}, inline(allow("s3:GetObject", "*")), "s3:GetObject on *"),
    ("administrator", {BEYOND, USED}, inline(EVERYTHING), "more on *"),
    ("passes roles", {BEYOND, USED}, inline(allow("iam:PassRole", "*")), "iam:PassRole on *"),
    (
        "deletes tables",
        {BEYOND, USED},
        inline(allow("dynamodb:DeleteTable", f"{TABLE}users")),
        f"dynamodb:DeleteTable on {TABLE}users",
    ),
    (
        "another table",
        {BEYOND, USED},
        inline(allow("dynamodb:PutItem", f"{TABLE}audit")),
        f"dynamodb:PutItem on {TABLE}audit",
    ),
    (
        "another environment's table",
        {BEYOND, USED},
        inline(allow("dynamodb:GetItem", TABLE.replace("prod", "dev") + "users")),
        "table/file-sharing-app-dev-users",
    ),
    (
        "every region and account",
        {BEYOND, USED},
        amended(Resource=lambda old: [one.replace("us-east-1:123456789012", "*:*") for one in old]),
        "on arn:aws:dynamodb:*:*:table/file-sharing-app-prod-users",
    ),
    (
        "all actions but some",
        {BEYOND, USED},
        inline({"Effect": "Allow", "NotAction": "iam:*", "Resource": f"{TABLE}users"}),
        "dynamodb:CreateTable",
    ),
    (
        "all resources but one",
        {BEYOND},
        inline({"Effect": "Allow", "Action": "dynamodb:GetItem", "NotResource": f"{TABLE}users"}),
        "dynamodb:GetItem on *",
    ),
    (
        "no UpdateItem",
        {LACKING, CALLED},
        without(UPDATE),
        f"does not allow {UPDATE} on {TABLE}urls, which the contract grants",
    ),
    (
        "boundary that forbids what is needed",
        {LACKING, CALLED},
        bounded(allow(["dynamodb:Get*", "dynamodb:Query", "s3:*"], "*")),
        "look for a Deny or a permissions boundary",
    ),
    (
        "denial of what is needed",
        {LACKING, CALLED},
        inline(deny(UPDATE, f"{TABLE}users")),
        f"{UPDATE} on {TABLE}users",
    ),
    (
        "only over TLS",
        {LACKING},
        inline(
            deny("dynamodb:Scan", "*") | {"Condition": {"Bool": {"aws:SecureTransport": False}}}
        ),
        "where aws:SecureTransport is 'false'",
    ),
    (
        "misspelt action",
        {REAL, BEYOND, USED},
        inline(allow("dynamodb:GetItems", f"{TABLE}users")),
        "names dynamodb:GetItems, which is no action of AWS's. Write dynamodb:GetItem.",
    ),
    (
        "misspelt denial",
        {REAL},
        inline(deny("dynamo:GetItem", "*")),
        "names dynamo:GetItem, which is no action of AWS's. Write dynamodb:GetItem.",
    ),
]
GOOD = [
    ("as it is", nothing),
    ("said twice", inline(allow(UPDATE, f"{TABLE}urls"))),
    ("administrator within a boundary", together(
        inline(EVERYTHING),
        bounded(
            allow(
                [f"dynamodb:{verb}Item" for verb in ("Get", "Put", "Update", "Delete")]
                + [f"dynamodb:{what}" for what in ("Query", "Scan", "Batch*Item")],
                [f"{TABLE}{name}{end}" for name in ("users", "urls") for end in ("", "/index/*")],
            ),
            allow(["s3:GetObject", "s3:PutObject"], OBJECTS),
        ),
    )),
]  # fmt: skip
REFERENCE = Unknown("module.dynamodb.aws_dynamodb_table.users.arn")
OPEN = [
    ("a whole policy", edit("policies", POLICY, document=Unknown()), {BEYOND, LACKING, CALLED}),
    ("an inline policy", edit("roles", TASK, inline=(Unknown(),)), {BEYOND, LACKING, CALLED}),
    ("the boundary", edit("roles", TASK, boundary="arn:aws:iam::aws:policy/X"), {LACKING, CALLED}),
    ("a resource", inline(allow("dynamodb:GetItem", Unknown("aws_x.y.arn"))), {BEYOND}),
    (
        "an attached policy",
        edit("roles", TASK, attached=lambda a: (*a, "arn:x")),
        {BEYOND, LACKING, CALLED},
    ),
]


@pytest.fixture(scope="module")
def judge(contract: Contract) -> Judge:
    """Hold a stack's task role against the contract and this repository's source."""
    calls = source_calls(ROOT)

    def judged(stack: Stack) -> tuple[RolePrivileges, ...]:
        return role_privileges(stack, contract, source_needs(calls, stack, contract))

    return judged


def failing(roles: tuple[RolePrivileges, ...], verdict: Verdict = Verdict.FAIL) -> set[str]:
    """The names of the checks that have that verdict."""
    return {name_of(c) for c in PRIVILEGE_CHECKS if verdict_of(c(roles)) is verdict}


@pytest.mark.parametrize(("what", "checks", "change", "says"), BAD, ids=[b[0] for b in BAD])
def test_a_wrong_role_is_caught(what, checks, change, says, prod_stack, judge):
    """Exactly the checks that are about the mistake fail, with role and words."""
    roles = judge(change(prod_stack))
    assert failing(roles) == {name_of(check) for check in checks}
    texts = [str(f) for c in checks for f in c(roles) if f.verdict is Verdict.FAIL]
    assert says in "\n".join(texts)
    assert all(TASK in text for text in texts)


@pytest.mark.parametrize("check", PRIVILEGE_CHECKS, ids=name_of)
def test_each_check_was_seen_to_fail(check):
    """No check is trusted that no mistake above concerns."""
    assert any(check in checks for _, checks, _, _ in BAD)


@pytest.mark.parametrize(("what", "change"), GOOD, ids=[g[0] for g in GOOD])
def test_the_same_in_other_words_is_good(what, change, prod_stack, judge):
    """What comes to the same passes: the role is judged as a whole."""
    roles = judge(change(prod_stack))
    for check in (BEYOND, LACKING, REAL, CALLED):
        assert verdict_of(check(roles)) is Verdict.PASS, [str(f) for f in check(roles)]


@pytest.mark.parametrize(("what", "change", "checks"), OPEN, ids=[o[0] for o in OPEN])
def test_the_unknown_stays_open(what, change, checks, prod_stack, judge):
    """What nobody can know before the apply neither passes nor fails."""
    roles = judge(change(prod_stack))
    assert not failing(roles) - {name_of(USED)}
    assert failing(roles, Verdict.UNKNOWN) == {name_of(check) for check in checks}


def test_an_arn_may_stay_a_reference(prod_stack, judge):
    """The ARN of a table of the stack is judged as that table's, though no apply has made it."""
    symbolic = amended(Resource=lambda old: [REFERENCE if r == f"{TABLE}users" else r for r in old])
    assert failing(judge(symbolic(prod_stack))) == set()
    assert failing(judge(symbolic(prod_stack)), Verdict.UNKNOWN) == set()
    more = inline(allow("dynamodb:DeleteTable", REFERENCE))(prod_stack)
    assert f"DeleteTable on {TABLE}users" in complaints_of(BEYOND, judge(more))


def complaints_of(check: Any, roles: tuple[RolePrivileges, ...]) -> str:
    """What a check complains of at the task role."""
    return complaints(lambda subject, _: check(subject), roles, None, TASK)  # type: ignore[arg-type]


def test_nobody_to_judge_is_a_failure():
    """A stack whose tasks have no role of its own proves nothing."""
    for check in PRIVILEGE_CHECKS:
        assert verdict_of(check(())) is Verdict.FAIL


def test_what_nothing_calls_is_named(prod_stack, judge):
    """Granted within the contract and called by nothing: named with its statement, not failed."""
    said = "\n".join(str(finding) for finding in USED(judge(prod_stack)))
    assert "statement 'ReadAndWriteItems' of file-sharing-app-prod-dynamodb-access grants" in said
    assert "dynamodb:Scan on" in said
    assert "about which AWS never asks" in said


RECORDED = Need("dynamodb:Scan", f"{TABLE}users", "recorded in the smoke rung")


def test_a_recorded_call_must_be_granted(prod_stack, contract):
    """A call that was seen and is not granted fails."""
    roles = role_privileges(without("dynamodb:Scan")(prod_stack), contract, [RECORDED])
    assert f"{RECORDED} is not allowed" in complaints_of(CALLED, roles)


def test_a_call_that_the_source_does_not_show(prod_stack, contract):
    """A call that was seen though the source has none like it: the plan rung would miss it."""
    check = privileges.source_shows_every_call
    roles = role_privileges(prod_stack, contract, [RECORDED])
    assert f"{RECORDED} is not shown by the source" in complaints_of(check, roles)
    shown = replace(RECORDED, where="backend/x.py:1")
    roles = role_privileges(prod_stack, contract, [RECORDED, shown])
    assert verdict_of(check(roles)) is Verdict.PASS
