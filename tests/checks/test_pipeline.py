"""The checks of the pipeline's access: what a role of a workflow may not be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.checks.kit import verdict_of
from tests.kit import REPOSITORY
from verification.checks import PIPELINE_CHECKS
from verification.checks.registry import name_of
from verification.checks.stack import pipeline
from verification.engine.aws.iam.analysis.pipeline_roles import pipeline_roles
from verification.model.contract import load_contract
from verification.model.pipeline import ISSUER, Pipeline, PipelineRoleRule, PipelineRule
from verification.model.stack import Bucket, Policy, Role, Stack
from verification.model.ternary import Unknown
from verification.model.verdict import Verdict

ARN = "arn:aws:{}:us-east-1:123456789012:{}"
NAMED_ALIKE = ARN.format("ecs", "service/app-dev*")
SERVICE = ARN.format("ecs", "service/app-{0}/app-{0}-backend")
POOL = ARN.format("cognito-idp", "userpool/*")
PASSED = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
ROLE = "arn:aws:iam::123456789012:role/another"
LIMIT = "arn:aws:iam::123456789012:policy/limit"
DEPLOY = PipelineRoleRule(
    "{project}-{environment}-deploy",
    "deploy.yml",
    ("ecs:DescribeTaskDefinition", "ecs:UpdateService", "iam:PassRole"),
)
SMOKE = PipelineRoleRule(
    "{project}-{environment}-smoke", "smoke.yml", ("ecs:ListTasks",), ("cognito-idp:AdminGetUser",)
)
RULE = PipelineRule("bootstrap", "owner/app", "main", "{project}-state", (DEPLOY, SMOKE))
CONTRACT = replace(
    load_contract(REPOSITORY / "verification" / "contract.toml"), project="app", pipeline=RULE
)
Edit = Callable[[dict[str, Any]], None]


def allow(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    """A statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource} | more


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(environment: str, workflow: str) -> dict[str, Any]:
    """A trust policy as it should be."""
    equals = {
        f"{ISSUER}:aud": "sts.amazonaws.com",
        f"{ISSUER}:sub": f"repo:owner/app:environment:{environment}",
        f"{ISSUER}:job_workflow_ref": f"owner/app/.github/workflows/{workflow}@refs/heads/main",
    }
    return {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{ISSUER}"},
        "Condition": {"StringEquals": equals},
    }


def granted(environment: str) -> dict[str, list[dict[str, Any]]]:
    """What the two roles should allow."""
    role = f"arn:aws:iam::123456789012:role/app-{environment}-backend-task"
    tagged = {"StringEquals": {"aws:ResourceTag/Environment": environment}}
    users = [allow("cognito-idp:AdminGetUser", POOL, Condition=tagged)]
    return {
        "deploy": [
            allow("ecs:UpdateService", SERVICE.format(environment)),
            allow("ecs:DescribeTaskDefinition", "*"),
            allow("iam:PassRole", role, Condition=PASSED),
        ],
        "smoke": [allow(["ecs:ListTasks"], "*"), *(users if environment == "dev" else [])],
    }


def made(edits: dict[str, Edit], bucket: dict[str, Any], limit: Any) -> Pipeline:
    """A pipeline's stack; an edit changes the parts of one role before they are put together."""
    roles = []
    for environment in ("dev", "prod"):
        for rule, (kind, statements) in zip(RULE.roles, granted(environment).items(), strict=True):
            name = f"app-{environment}-{kind}"
            parts: dict[str, Any] = {
                "trust": trust(environment, rule.workflow),
                "statements": statements,
                "boundary": LIMIT,
            }
            if name in edits:
                edits[name](parts)
            roles.append(
                Role(
                    address=f"aws_iam_role.{kind}",
                    name=name,
                    arn=f"arn:aws:iam::123456789012:role/{name}",
                    trust=document(parts["trust"]),
                    attached=(),
                    inline=(document(*parts["statements"]),),
                    boundary=parts["boundary"],
                )
            )
    state: dict[str, Any] = {
        "lifecycle": (),
        "name": "app-state",
        "public_access_block": (True,) * 4,
        "encrypted": True,
        "versioned": True,
    }
    stack = Stack(
        environment="bootstrap",
        account="123456789012",
        region="us-east-1",
        partition="aws",
        roles=tuple(roles),
        policies=(Policy(address="aws_iam_policy.limit", name="limit", arn=LIMIT, document=limit),),
        buckets=(Bucket(address="aws_s3_bucket.state", **state | bucket),),
    )
    return Pipeline(stack, pipeline_roles(stack, CONTRACT))


BOUNDARY = document(
    {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "sts:*"], "Resource": "*"},
    allow(["iam:Get*", "iam:List*"], "*"),
    allow("iam:PassRole", "arn:aws:iam::123456789012:role/app-*"),
)


def part(name: str, key: str, value: Any) -> dict[str, Edit]:
    """Replace a part of one role; a function gets what was there."""

    def change(parts: dict[str, Any]) -> None:
        parts[key] = value(parts[key]) if callable(value) else value

    return {name: change}


def condition(**changes: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Replace claims of a trust policy; None removes one."""

    def change(statement: dict[str, Any]) -> dict[str, Any]:
        equals = statement["Condition"]["StringEquals"] | {
            f"{ISSUER}:{claim}": value for claim, value in changes.items()
        }
        kept = {key: value for key, value in equals.items() if value is not None}
        return statement | {"Condition": {"StringEquals": kept}}

    return change


def like(statement: dict[str, Any]) -> dict[str, Any]:
    """The same claims, compared with wildcards."""
    return statement | {"Condition": {"StringLike": statement["Condition"]["StringEquals"]}}


def more(*statements: dict[str, Any]) -> Callable[[list[Any]], list[Any]]:
    """Further statements."""
    return lambda old: [*old, *statements]


TRUSTS = pipeline.roles_trust_one_workflow
ACTIONS = pipeline.roles_allow_what_they_call
STAYS = pipeline.roles_stay_in_their_environment
GROWS = pipeline.roles_cannot_grow
STATE = pipeline.state_is_kept
DEV, PROD = "app-dev-deploy", "app-prod-smoke"

BAD: dict[str, tuple[Any, dict[str, Edit], str]] = {
    "any branch": (
        TRUSTS,
        part(DEV, "trust", condition(job_workflow_ref=None)),
        f"the values of {ISSUER}:job_workflow_ref are none; expected 'owner/app/.github/",
    ),
    "any environment": (
        TRUSTS,
        part(DEV, "trust", condition(sub="repo:owner/app:*")),
        "are 'repo:owner/app:*'; expected 'repo:owner/app:environment:dev'",
    ),
    "wildcards": (TRUSTS, part(DEV, "trust", like), f"the values of {ISSUER}:aud are none"),
    "another audience": (
        TRUSTS,
        part(DEV, "trust", condition(aud=["sts.amazonaws.com", "else"])),
        "are 'sts.amazonaws.com', 'else'; expected 'sts.amazonaws.com'",
    ),
    "an account beside GitHub": (
        TRUSTS,
        part(DEV, "trust", lambda old: old | {"Principal": {"AWS": "123456789012"}}),
        "the principals of the trust policy are AWS = '123456789012'; expected Federated",
    ),
    "deletes the service": (
        ACTIONS,
        part(DEV, "statements", more(allow("ecs:DeleteService", SERVICE.format("dev")))),
        "allows ecs:DeleteService on arn:aws:ecs:us-east-1:123456789012:service/app-dev/app-dev-"
        "backend, which its jobs do not call. Remove it.",
    ),
    "administers real users": (
        ACTIONS,
        part(PROD, "statements", more(*granted("dev")["smoke"][1:])),
        "which changes real users or tasks. Remove it.",
    ),
    "lacks an action": (
        ACTIONS,
        part(DEV, "statements", lambda old: old[1:]),
        "does not allow ecs:UpdateService, which its jobs call",
    ),
    "denied after all": (
        ACTIONS,
        part(DEV, "statements", more(allow("ecs:*", "*", Effect="Deny"))),
        "does not allow ecs:UpdateService, which its jobs call",
    ),
    "the other environment's service": (
        STAYS,
        part(DEV, "statements", more(allow("ecs:UpdateService", SERVICE.format("prod")))),
        "allows ecs:UpdateService on arn:aws:ecs:us-east-1:123456789012:service/app-prod/app-prod-"
        "backend, which is not of dev alone",
    ),
    "any name that begins alike": (
        STAYS,
        part(DEV, "statements", more(allow("ecs:UpdateService", NAMED_ALIKE))),
        "service/app-dev*, which is not of dev alone",
    ),
    "roles for any service": (
        STAYS,
        part(DEV, "statements", lambda old: [*old[:2], {**old[2], "Condition": {}}]),
        "allows iam:PassRole on arn:aws:iam::123456789012:role/app-dev-backend-task, which is not",
    ),
    "no boundary": (GROWS, part(DEV, "boundary", None), "a permissions boundary is missing"),
}
HARMLESS: dict[str, dict[str, Edit]] = {
    "lists instead of single values": part(
        DEV, "trust", lambda old: old | {"Action": ["sts:AssumeRoleWithWebIdentity"]}
    ),
    "claims in another case": part(
        DEV,
        "trust",
        lambda old: (
            old
            | {
                "Condition": {
                    "StringEquals": {
                        key.upper(): value
                        for key, value in old["Condition"]["StringEquals"].items()
                    }
                }
            }
        ),
    ),
    "a further condition": part(
        DEV,
        "trust",
        lambda old: (
            old | {"Condition": old["Condition"] | {"StringLike": {f"{ISSUER}:actor": "somebody"}}}
        ),
    ),
    "one statement for all": part(
        "app-dev-smoke",
        "statements",
        lambda old: [allow("ecs:ListTasks", "*"), *old[1:], allow("ecs:ListTasks", "*")],
    ),
}


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
