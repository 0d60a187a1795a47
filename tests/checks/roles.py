"""Edits of who may do what: the task role's policies, its boundary, and what is attached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.checks.edits import Change, copy, edit, together
from verification.model.contract import Contract

POLICY = "aws_iam_policy.dynamodb_access"
TASK = "aws_iam_role.flask_app_task"
EXECUTION = "aws_iam_role.flask_app_execution"
ARN = "arn:aws:iam::123456789012:policy/file-sharing-app-prod-dynamodb-access"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/file-sharing-app-prod-"
OBJECTS = "arn:aws:s3:::file-sharing-app-prod-uploads-123456789012/uploads/*"
UPDATE = "dynamodb:UpdateItem"
PARAMETER = "arn:aws:ssm:us-east-1:123456789012:parameter/fileshare/prod/"


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


def executing(*statements: dict[str, Any]) -> Change:
    """Give the execution role one more inline policy."""
    return edit("roles", EXECUTION, inline=lambda old: (*old, document(*statements)))


READING = allow("ssm:GetParameters", f"{PARAMETER}api_key")
SECRET = copy(
    "parameters",
    "aws_ssm_parameter.use_dynamodb",
    name="/fileshare/prod/api_key",
    type="SecureString",
    address="aws_ssm_parameter.api_key",
)


def with_secret(contract: Contract) -> Contract:
    """The contract with a parameter that is a secret."""
    return replace(contract, secret_parameters=("api_key",))


def attach(at: str, *arns: object) -> Change:
    """Attach more policies to a role."""
    return edit("roles", at, attached=lambda old: (*old, *arns))


def made(name: str, *statements: dict[str, Any]) -> Change:
    """Add a customer-managed policy to the stack."""
    place: dict[str, Any] = {"address": f"aws_iam_policy.{name}", "name": name, "arn": arn(name)}
    return copy("policies", POLICY, **place, document=document(*statements))


def managed(name: str, *statements: dict[str, Any]) -> Change:
    """Give the task role one more customer-managed policy."""
    return together(made(name, *statements), attach(TASK, arn(name)))


def bounded(*statements: dict[str, Any]) -> Change:
    """Give the task role a boundary of the stack's own."""
    return together(made("limit", *statements), edit("roles", TASK, boundary=arn("limit")))


def arn(name: str) -> str:
    """The ARN of a customer-managed policy."""
    return f"arn:aws:iam::123456789012:policy/{name}"


def policy(change: Callable[[dict[str, Any]], Any]) -> Change:
    """Change the only statement of the DynamoDB policy."""
    return edit("policies", POLICY, document=lambda d: d | {"Statement": change(d["Statement"][0])})


def amended(**changes: Any) -> Change:
    """Replace elements of that statement; a function is given the old one."""
    return policy(lambda s: s | {k: v(s.get(k)) if callable(v) else v for k, v in changes.items()})


def without(*actions: str) -> Change:
    """Take actions from the DynamoDB policy."""
    return amended(Action=lambda old: [one for one in old if one not in actions])
