"""What a role of a workflow may not be, and what is harmless, each as an edit of the good ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.checks.pipeline.made import ARN, SERVICE, Edit, allow, granted
from verification.checks.stack import pipeline
from verification.model.pipeline import ISSUER

NAMED_ALIKE = ARN.format("ecs", "service/app-dev*")
PARAMETERS = ARN.format("ssm", "parameter/fileshare/prod")
READ = "ssm:GetParametersByPath"


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
    "called from any branch": (
        TRUSTS,
        part("app-dev-smoke", "trust", condition(ref=None)),
        f"the values of {ISSUER}:ref are none; expected 'refs/heads/main'",
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
    "the other environment's parameters": (
        STAYS,
        part("app-dev-smoke", "statements", lambda old: [*old, allow(READ, PARAMETERS)]),
        f"allows ssm:GetParametersByPath on {PARAMETERS}, which is not of dev alone",
    ),
    "any environment's parameters": (
        STAYS,
        part("app-dev-smoke", "statements", lambda old: [*old, allow(READ, "*")]),
        "allows ssm:GetParametersByPath on *, which is not of dev alone",
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
