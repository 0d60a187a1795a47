"""Policies that grant access to a service principal: trust policies and topic policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from verification.model.stack import Document
from verification.model.ternary import Unknown


def admission(
    document: Document, what: str, service: str, account: str
) -> Iterator[tuple[str, object, object]]:
    """Whom a document allows, as (fact, actual, expected): one service of one account.

    Without `aws:SourceAccount` the service could be made to act for another account (IAM User
    Guide, "The confused deputy problem",
    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html).
    """
    if isinstance(document, Unknown) or document is None:
        yield f"the {what}", Unknown(), service
        return
    effects = sorted({str(each.get("Effect")) for each in statements(document)})
    yield f"the effects of the {what}", effects, ["Allow"]
    for statement in statements(document):
        yield f"the principals of the {what}", principals(statement), {"Service": [service]}
        accounts = _condition(statement, "aws:SourceAccount")
        yield f"the aws:SourceAccount values of the {what}", accounts, [account]


def statements(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The statements of a document."""
    return listed(document.get("Statement"))


def listed(value: Any) -> list[Any]:
    """The value as a list; IAM accepts a single element without brackets."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def principals(statement: Mapping[str, Any]) -> Any:
    """The principals of a statement, each kind as a list."""
    principal = statement.get("Principal")
    if not isinstance(principal, Mapping):
        return principal
    return {kind: listed(names) for kind, names in principal.items()}


def _condition(statement: Mapping[str, Any], key: str) -> list[Any]:
    """The values that a statement's StringEquals requires for a key."""
    conditions: Mapping[str, Any] = statement.get("Condition") or {}
    equals = conditions.get("StringEquals", {})
    return [
        value for name in equals if name.lower() == key.lower() for value in listed(equals[name])
    ]
