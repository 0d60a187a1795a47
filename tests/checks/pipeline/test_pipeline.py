"""The checks of the pipeline's access: what a role of a workflow may not be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.checks.kit import verdict_of
from tests.checks.pipeline.made import BOUNDARY, CONTRACT, RULE, Edit, allow, document, made
from tests.checks.pipeline.twins import ACTIONS, BAD, GROWS, HARMLESS, STATE, STAYS
from verification.checks import PIPELINE_CHECKS
from verification.checks.registry import name_of
from verification.engine.aws.iam.analysis.pipeline_roles import pipeline_roles
from verification.model.pipeline import Pipeline
from verification.model.stack import Stack
from verification.model.ternary import Unknown
from verification.model.verdict import Verdict

ROLE = "arn:aws:iam::123456789012:role/another"


def said(check: Any, seen: Pipeline) -> str:
    """What a check says that does not pass."""
    found = check(seen, CONTRACT)
    return "\n".join(str(one) for one in found if one.verdict is not Verdict.PASS)


@pytest.mark.parametrize("check", PIPELINE_CHECKS, ids=name_of)
def test_good_pipeline_passes(check: Any) -> None:
    """Two roles in each environment, each for one workflow, and a bucket that is kept."""
    assert verdict_of(check(made({}, {}, BOUNDARY), CONTRACT)) is Verdict.PASS


@pytest.mark.parametrize(("check", "edits", "text"), BAD.values(), ids=BAD.keys())
def test_bad_role_is_found(check: Any, edits: dict[str, Edit], text: str) -> None:
    """A role that is wrong in one place fails the check that is about it, with its address."""
    seen = made(edits, {}, BOUNDARY)
    assert text in said(check, seen)
    assert said(check, seen).startswith("aws_iam_role.")
    others = [one for one in PIPELINE_CHECKS if one is not check and said(one, seen)]
    # An action for nobody may leave the environment as well.
    assert [name_of(one) for one in others if {check, one} != {ACTIONS, STAYS}] == []


@pytest.mark.parametrize("edits", HARMLESS.values(), ids=HARMLESS.keys())
def test_harmless_role_passes(edits: dict[str, Edit]) -> None:
    """Written otherwise, or narrower: nothing is wrong."""
    seen = made(edits, {}, BOUNDARY)
    assert [said(check, seen) for check in PIPELINE_CHECKS] == [""] * len(PIPELINE_CHECKS)


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        (document(allow("*", "*")), "allows iam:AttachRolePolicy, iam:CreateAcc"),
        (document(*BOUNDARY["Statement"], allow("sts:Assume*", "*")), "allows sts:AssumeRole"),
        (document(*BOUNDARY["Statement"], allow("iam:Put*", ROLE)), "iam:PutRole"),
    ],
)
def test_boundary_that_lets_roles_grow_is_found(limit: dict[str, Any], text: str) -> None:
    """A boundary that admits what changes permissions is none, wherever it admits it."""
    assert text in said(GROWS, made({}, {}, limit))


def test_boundary_that_blocks_a_job_is_found() -> None:
    """What the boundary does not admit is not allowed."""
    limit = document(allow(["ecs:Describe*", "ecs:List*", "iam:PassRole", "cognito-idp:*"], "*"))
    assert "does not allow ecs:UpdateService" in said(ACTIONS, made({}, {}, limit))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"versioned": False}, "versioning is off"),
        ({"encrypted": False}, "default encryption is off"),
        ({"public_access_block": (True, True, False, True)}, "public access is not blocked"),
        ({"name": "another"}, "app-state: the bucket of Terraform's states is missing"),
    ],
)
def test_state_that_can_be_lost_or_read_is_found(change: dict[str, Any], text: str) -> None:
    """The state has every value of the stack, and is the only way to change it."""
    assert text in said(STATE, made({}, change, BOUNDARY))


def test_what_is_unknown_is_not_wrong() -> None:
    """Documents and a boundary that only an apply will know leave their checks open."""
    seen = made({}, {"versioned": Unknown()}, BOUNDARY)
    roles = tuple(
        replace(role, trust=Unknown(), inline=(Unknown(),), boundary=Unknown())
        for role in seen.stack.roles
    )
    stack = replace(seen.stack, roles=roles)
    unknown = Pipeline(stack, pipeline_roles(stack, CONTRACT))
    for check in PIPELINE_CHECKS:
        assert verdict_of(check(unknown, CONTRACT)) is Verdict.UNKNOWN, name_of(check)


@pytest.mark.parametrize("check", PIPELINE_CHECKS, ids=name_of)
def test_nothing_there_proves_nothing(check: Any) -> None:
    """Without roles and bucket each check fails; where none is required, it says so."""
    empty = Stack(environment="", account="1", region="r", partition="aws")
    seen = Pipeline(empty, pipeline_roles(empty, CONTRACT))
    assert verdict_of(check(seen, CONTRACT)) is Verdict.FAIL
    free = replace(CONTRACT, pipeline=None)
    [found] = check(Pipeline(empty, pipeline_roles(empty, free)), free)
    assert (found.verdict, found.demanded) == (Verdict.PASS, False)
    lacking = replace(CONTRACT, pipeline=replace(RULE, roles=()))
    found = check(Pipeline(empty, pipeline_roles(empty, lacking)), lacking)
    assert verdict_of(found) is Verdict.FAIL
