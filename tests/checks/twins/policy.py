"""The DynamoDB policy, granting more or less than it was planned to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.checks.kit import Case, Change, Twin, drop, edit
from tests.checks.twins.edits_access import OBJECTS, POLICY, TABLE, WILD, statement
from verification.checks.stack import access
from verification.model.ternary import Unknown


def policy(change: Callable[[dict[str, Any]], Any]) -> Change:
    """Change the only statement of the DynamoDB policy."""
    return edit("policies", POLICY, document=lambda d: d | {"Statement": change(d["Statement"][0])})


def amended(**changes: Any) -> Change:
    """Replace elements of that statement; a function is given the old one."""
    return policy(lambda s: s | {k: v(s.get(k)) if callable(v) else v for k, v in changes.items()})


def swapped(old: str, new: str) -> Callable[[list[str]], list[str]]:
    """Replace text in each of a statement's resources."""
    return lambda resources: [resource.replace(old, new) for resource in resources]


def split(one: dict[str, Any]) -> list[dict[str, Any]]:
    """The same grants in two statements, one for each half of the actions."""
    return [one | {"Action": one["Action"][:3], "Sid": "A"}, one | {"Action": one["Action"][3:]}]


def exact(what: str, change: Change, says: str, **more: Any) -> Twin:
    """A policy that is not the planned one."""
    return Twin(access.policy_is_exact, what, change, POLICY, says, **more)


TWINS = [
    exact(
        "ninth action",
        amended(Action=lambda old: [*old, "dynamodb:DeleteTable"]),
        f"dynamodb:DeleteTable on {TABLE}users is allowed. Remove it.",
    ),
    exact(
        "every action",
        amended(Action="dynamodb:*"),
        f"dynamodb:* on {TABLE}users is allowed",
        also=WILD,
    ),
    exact(
        "every reading action",
        amended(Action=lambda old: [*old, "dynamodb:Get*"]),
        f"dynamodb:Get* on {TABLE}users is allowed",
        also=WILD,
    ),
    exact(
        "every action, through a wildcard",
        amended(Action="dynamodb:*"),
        f"dynamodb:GetItem on {TABLE}users is allowed only through dynamodb:* on {TABLE}users. "
        "Write it out.",
        also=WILD,
    ),
    exact("every resource", amended(Resource="*"), "dynamodb:GetItem on * is allowed", also=WILD),
    exact(
        "every region and account, as the plan has it",
        amended(Resource=swapped("us-east-1:123456789012", "*:*")),
        "on arn:aws:dynamodb:*:*:table/file-sharing-app-prod-users is allowed",
        also=WILD,
    ),
    exact(
        "other region",
        amended(Resource=swapped("us-east-1", "eu-west-1")),
        f"dynamodb:GetItem on {TABLE}users is not allowed. Allow it.",
    ),
    exact(
        "other account",
        amended(Resource=swapped("123456789012", "999999999999")),
        "on arn:aws:dynamodb:us-east-1:999999999999:table/file-sharing-app-prod-users is allowed",
    ),
    exact(
        "dev's table",
        amended(Resource=swapped("prod-urls", "dev-urls")),
        f"{TABLE}urls is not allowed",
    ),
    exact(
        "every table",
        amended(Resource=lambda old: [*old, TABLE + "*"]),
        f"on {TABLE}* is allowed. Remove it.",
    ),
    exact(
        "stream beside the table",
        amended(Resource=lambda old: [*old, TABLE + "users/stream/*"]),
        f"{TABLE}users/stream/* is allowed",
    ),
    exact(
        "resource in other letters",
        amended(Resource=swapped("-users", "-Users")),
        f"on {TABLE}users is not allowed",
    ),
    exact(
        "no indexes",
        amended(Resource=[TABLE + "users", TABLE + "urls"]),
        f"dynamodb:Query on {TABLE}users/index/* is not allowed",
    ),
    exact(
        "no BatchWriteItem",
        amended(Action=lambda old: [a for a in old if a != "dynamodb:BatchWriteItem"]),
        f"dynamodb:BatchWriteItem on {TABLE}users is not allowed",
    ),
    exact(
        "all actions but some",
        policy(lambda s: [s, statement(NotAction="iam:*", Action=None)]),
        "beside Action and Resource is 'NotAction', must be empty",
        also=WILD,
    ),
    exact(
        "all resources but some",
        policy(lambda s: [s, statement(NotResource=OBJECTS, Resource=None)]),
        "'NotResource'",
        also=WILD,
    ),
    exact(
        "only at night",
        amended(Condition={"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}),
        "the list of elements beside Action and Resource is 'Condition', must be empty",
    ),
    exact(
        "another statement",
        policy(lambda s: [s, statement()]),
        f"s3:GetObject on {OBJECTS} is allowed. Remove it.",
    ),
    exact(
        "denial of what is allowed",
        policy(lambda s: [s, s | {"Effect": "Deny"}]),
        "Deny",
    ),
    exact("denied altogether", amended(Effect="Deny"), "dynamodb:GetItem"),
    exact(
        "unknown action on an unknown resource",
        policy(lambda s: [s, s | {"Action": "dynamodb:DeleteTable", "Resource": Unknown()}]),
        "dynamodb:DeleteTable on <known after apply> is allowed",
    ),
    exact(
        "unknown action on every table",
        policy(lambda s: [s, s | {"Action": Unknown(), "Resource": TABLE + "*"}]),
        f"<known after apply> on {TABLE}* is allowed",
    ),
    Twin(
        access.policy_is_exact,
        "removed",
        drop("policies"),
        "file-sharing-app-prod-dynamodb-access",
        "the policy is missing. Add aws_iam_policy.dynamodb_access.",
        also=WILD,
    ),
]

OPEN = [
    Case(access.policy_is_exact, "name", edit("policies", name=Unknown())),
    Case(access.policy_is_exact, "document", edit("policies", document=Unknown())),
    Case(access.policy_is_exact, "no document yet", edit("policies", document=None)),
    Case(access.policy_is_exact, "actions", amended(Action=Unknown())),
    Case(access.policy_is_exact, "resources", amended(Resource=[Unknown()])),
    Case(
        access.policy_is_exact,
        "one more resource",
        amended(Resource=lambda old: [*old, Unknown()]),
    ),
    Case(access.policy_is_exact, "one more action", amended(Action=lambda old: [*old, Unknown()])),
]

HARMLESS = [
    Case(access.policy_is_exact, "two statements with the same grants", policy(split)),
    Case(access.policy_is_exact, "one statement, not in a list", policy(lambda s: s)),
    Case(
        access.policy_is_exact,
        "one statement for each action, as a string",
        policy(lambda s: [s | {"Action": action} for action in s["Action"]]),
    ),
    Case(
        access.policy_is_exact,
        "one statement for each resource, as a string",
        policy(lambda s: [s | {"Resource": resource} for resource in s["Resource"]]),
    ),
    Case(
        access.policy_is_exact,
        "lower-case actions",
        amended(Action=lambda old: [action.lower() for action in old]),
    ),
    Case(access.policy_is_exact, "granted twice", policy(lambda s: [s, s])),
    Case(access.policy_is_exact, "no Sid", policy(lambda s: s | {"Sid": ""})),
    Case(
        access.policy_is_exact,
        "other order",
        amended(Action=lambda old: old[::-1], Resource=lambda old: old[::-1]),
    ),
]
