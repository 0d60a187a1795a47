"""Edits of what the task role of a stack may do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.checks.kit import Change, copy, edit, together

POLICY = "aws_iam_policy.dynamodb_access"
TASK = "aws_iam_role.flask_app_task"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/file-sharing-app-prod-"
UPDATE = "dynamodb:UpdateItem"
_BOUNDARY = "arn:aws:iam::123456789012:policy/limit"


def allow(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    """A statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource} | more


def deny(action: Any, resource: Any) -> dict[str, Any]:
    """A statement that denies."""
    return allow(action, resource, Effect="Deny")


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """A policy of some statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def inline(*statements: dict[str, Any]) -> Change:
    """Give the task role one more inline policy."""
    return edit("roles", TASK, inline=lambda old: (*old, document(*statements)))


def bounded(*statements: dict[str, Any]) -> Change:
    """Give the task role a boundary of the stack's own."""
    limit: dict[str, Any] = {"address": "aws_iam_policy.limit", "name": "limit", "arn": _BOUNDARY}
    made = copy("policies", POLICY, **limit, document=document(*statements))
    return together(made, edit("roles", TASK, boundary=_BOUNDARY))


def without(*actions: str) -> Change:
    """Take actions from the DynamoDB policy."""
    return amended(Action=lambda old: [one for one in old if one not in actions])


def amended(**changes: Callable[[Any], Any]) -> Change:
    """Change elements of the only statement of the DynamoDB policy."""

    def changed(old: dict[str, Any]) -> dict[str, Any]:
        one = old["Statement"][0]
        return old | {"Statement": [one | {k: change(one[k]) for k, change in changes.items()}]}

    return edit("policies", POLICY, document=changed)
