"""The DynamoDB policy, granting more or less than it was planned to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.checks.edits import Change, drop, edit
from tests.checks.kit import Case, Check, Twin
from tests.checks.roles import OBJECTS, POLICY, TABLE, TASK, allow, amended, policy, without
from verification.checks.stack import access
from verification.checks.stack.privileges import (
    allow_all_of_the_contract,
    allow_nothing_beyond,
    allow_what_is_called,
    grant_what_is_called,
    name_real_actions,
)
from verification.model.ternary import Unknown

LACKING = (allow_all_of_the_contract, allow_what_is_called)


def swapped(old: str, new: str) -> Callable[[list[str]], list[str]]:
    """Replace text in each of a statement's resources."""
    return lambda resources: [resource.replace(old, new) for resource in resources]


def split(one: dict[str, Any]) -> list[dict[str, Any]]:
    """The same grants in two statements, one for each half of the actions."""
    return [one | {"Action": one["Action"][:3], "Sid": "A"}, one | {"Action": one["Action"][3:]}]


def more(what: str, change: Change, says: str, *also: Check) -> Twin:
    """A policy that allows more than it was planned to, and more than anything calls."""
    also = (grant_what_is_called, *also)
    return Twin(allow_nothing_beyond, f"policy with {what}", change, POLICY, says, also=also)


def less(what: str, change: Change, says: str, *also: Check) -> Twin:
    """A policy that allows less than it was planned to."""
    return Twin(allow_all_of_the_contract, f"policy with {what}", change, TASK, says, also=also)


TWINS = [
    more(
        "a ninth action",
        amended(Action=lambda old: [*old, "dynamodb:DeleteTable"]),
        f"dynamodb:DeleteTable on {TABLE}users is allowed, which the contract does not grant "
        "(statement 'ReadAndWriteItems' of file-sharing-app-prod-dynamodb-access). "
        "Remove it. This policy is for the contract's actions on its tables only.",
    ),
    more(
        "every action",
        amended(Action="dynamodb:*"),
        f"on {TABLE}users is allowed",
        name_real_actions,
    ),
    more(
        "every reading action",
        amended(Action=lambda old: [*old, "dynamodb:Get*"]),
        f"dynamodb:GetResourcePolicy on {TABLE}users is allowed",
        name_real_actions,
    ),
    more("every resource", amended(Resource="*"), "dynamodb:GetItem, "),
    more(
        "every region and account, as planned",
        amended(Resource=swapped("us-east-1:123456789012", "*:*")),
        "on arn:aws:dynamodb:*:*:table/file-sharing-app-prod-users is allowed",
    ),
    more(
        "other region",
        amended(Resource=swapped("us-east-1", "eu-west-1")),
        "on arn:aws:dynamodb:eu-west-1:123456789012:table/file-sharing-app-prod-users is allowed",
        *LACKING,
    ),
    more(
        "other account",
        amended(Resource=swapped("123456789012", "999999999999")),
        "on arn:aws:dynamodb:us-east-1:999999999999:table/file-sharing-app-prod-users is allowed",
        *LACKING,
    ),
    more(
        "dev's table",
        amended(Resource=swapped("prod-urls", "dev-urls")),
        "table/file-sharing-app-dev-urls is allowed",
        *LACKING,
    ),
    more(
        "every table",
        amended(Resource=lambda old: [*old, TABLE + "*"]),
        f"on {TABLE}* is allowed",
    ),
    more(
        "a stream beside the table",
        amended(Resource=lambda old: [*old, TABLE + "users/stream/*"]),
        f"dynamodb:UpdateItem on {TABLE}users/stream/* is allowed",
    ),
    more(
        "a resource in other letters",
        amended(Resource=swapped("-users", "-Users")),
        f"on {TABLE}Users is allowed",
        *LACKING,
    ),
    more(
        "all actions but some",
        policy(lambda s: [s, {"Effect": "Allow", "NotAction": "iam:*", "Resource": OBJECTS}]),
        f"on {OBJECTS} is allowed",
    ),
    more(
        "an unknown resource",
        policy(lambda s: [s, s | {"Action": "dynamodb:DeleteTable", "Resource": Unknown()}]),
        "dynamodb:DeleteTable on <known after apply> is allowed",
    ),
    Twin(
        allow_nothing_beyond,
        "policy with all resources but some",
        policy(
            lambda s: [s, {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": OBJECTS}]
        ),
        POLICY,
        "s3:GetObject on * is allowed",
    ),
    Twin(
        allow_nothing_beyond,
        "policy with an unknown action on every table",
        policy(lambda s: [s, s | {"Action": Unknown(), "Resource": TABLE + "*"}]),
        POLICY,
        f"<known after apply> on {TABLE}* is allowed",
    ),
    Twin(
        allow_nothing_beyond,
        "policy with another statement",
        policy(lambda s: [s, allow("s3:GetObject", OBJECTS)]),
        POLICY,
        f"s3:GetObject on {OBJECTS} is allowed, which the contract does not grant",
    ),
    Twin(
        name_real_actions,
        "wildcard that adds nothing today",
        amended(
            Action=lambda old: [*(a for a in old if a != "dynamodb:Query"), "dynamodb:Quer*"],
        ),
        TASK,
        "statement 'ReadAndWriteItems' of file-sharing-app-prod-dynamodb-access allows "
        "dynamodb:Quer*, a wildcard, which includes future actions. List dynamodb:Query.",
    ),
    less(
        "all but UpdateItem",
        without("dynamodb:UpdateItem"),
        f"does not allow dynamodb:UpdateItem on {TABLE}urls, which the contract grants",
        allow_what_is_called,
    ),
    less(
        "all but BatchWriteItem",
        without("dynamodb:BatchWriteItem"),
        f"does not allow dynamodb:BatchWriteItem on {TABLE}urls, which the contract grants",
    ),
    less(
        "no indexes",
        amended(Resource=[TABLE + "users", TABLE + "urls"]),
        f"dynamodb:Query, dynamodb:Scan on {TABLE}urls/index/*",
        allow_what_is_called,
    ),
    less(
        "access only at night",
        amended(Condition={"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}),
        "which the contract grants",
        allow_what_is_called,
    ),
    less(
        "denial of what it allows",
        policy(lambda s: [s, s | {"Effect": "Deny"}]),
        "check for a Deny or a permissions boundary",
        allow_what_is_called,
    ),
    less("denials alone", amended(Effect="Deny"), "dynamodb:GetItem", allow_what_is_called),
    Twin(
        access.task_role_has_the_policy,
        "policy removed",
        drop("policies", POLICY),
        "file-sharing-app-prod-dynamodb-access",
        "the policy is missing. Add aws_iam_policy.dynamodb_access.",
        also=(allow_nothing_beyond,),
    ),
    Twin(
        access.task_role_has_the_policy,
        "called as in another environment",
        edit("policies", POLICY, name="file-sharing-app-dev-dynamodb-access"),
        "file-sharing-app-prod-dynamodb-access",
        "the policy is missing",
    ),
]

OPEN = [
    Case(access.task_role_has_the_policy, "name", edit("policies", name=Unknown())),
    *(
        Case(check, f"the policy's {what}", change)
        for check in (allow_nothing_beyond, *LACKING)
        for what, change in (
            ("document", edit("policies", document=Unknown())),
            ("document yet to come", edit("policies", document=None)),
            ("actions", amended(Action=Unknown())),
            ("resources", amended(Resource=[Unknown()])),
        )
    ),
    Case(
        allow_nothing_beyond,
        "one more resource",
        amended(Resource=lambda old: [*old, Unknown()]),
    ),
    Case(allow_nothing_beyond, "one more action", amended(Action=lambda old: [*old, Unknown()])),
]

HARMLESS = [
    Case(allow_nothing_beyond, what, change)
    for what, change in (
        ("two statements with the same grants", policy(split)),
        ("one statement, not in a list", policy(lambda s: s)),
        (
            "one statement for each action, as a string",
            policy(lambda s: [s | {"Action": action} for action in s["Action"]]),
        ),
        (
            "one statement for each resource, as a string",
            policy(lambda s: [s | {"Resource": resource} for resource in s["Resource"]]),
        ),
        (
            "lower-case actions",
            amended(Action=lambda old: [action.lower() for action in old]),
        ),
        ("policy with grants twice", policy(lambda s: [s, s])),
        ("no Sid", policy(lambda s: s | {"Sid": ""})),
        (
            "other order",
            amended(Action=lambda old: old[::-1], Resource=lambda old: old[::-1]),
        ),
    )
]
