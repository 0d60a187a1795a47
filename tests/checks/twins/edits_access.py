"""Edits of who may do what, for the twins of access."""

from __future__ import annotations

from typing import Any

from tests.checks.kit import Change, edit
from verification.checks.stack import access

POLICY = "aws_iam_policy.dynamodb_access"
TASK = "aws_iam_role.flask_app_task"
ARN = "arn:aws:iam::123456789012:policy/file-sharing-app-prod-dynamodb-access"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/file-sharing-app-prod-"
OBJECTS = "arn:aws:s3:::file-sharing-app-prod-uploads-123456789012/uploads/*"
WILD = (access.roles_have_no_wildcard,)


def statement(**more: Any) -> dict[str, Any]:
    """A statement that allows reading an object, or what is said instead."""
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": OBJECTS} | more


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """A policy of some statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def inline(*statements: dict[str, Any]) -> Change:
    """Give the task role one more inline policy."""
    return edit("roles", TASK, inline=lambda old: (*old, document(*statements)))


def attach(at: str, *arns: object) -> Change:
    """Attach more policies to a role."""
    return edit("roles", at, attached=lambda old: (*old, *arns))
