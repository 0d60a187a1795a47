"""The documents of those who let others in: whom one names, and on which condition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def principals(statement: Mapping[str, Any]) -> Any:
    """Whom a statement names, each kind as a list."""
    principal = statement.get("Principal")
    if not isinstance(principal, Mapping):
        return principal
    return {kind: listed(names) for kind, names in principal.items()}


def condition(statement: Mapping[str, Any], key: str) -> list[Any]:
    """The values that a statement's StringEquals demands of a key."""
    conditions: Mapping[str, Any] = statement.get("Condition") or {}
    equals = conditions.get("StringEquals", {})
    return [
        value for name in equals if name.lower() == key.lower() for value in listed(equals[name])
    ]


def statements(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The statements of a document."""
    return listed(document.get("Statement"))


def effects(document: Mapping[str, Any]) -> list[str]:
    """Which effects its statements have."""
    return sorted({str(each.get("Effect")) for each in statements(document)})


def listed(value: Any) -> list[Any]:
    """A list, for which IAM also takes its only member."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
