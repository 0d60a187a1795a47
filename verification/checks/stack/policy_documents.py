"""IAM's documents: what one allows, to whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verification.model.ternary import Unknown

Grant = tuple[str, str]


def grants(document: Mapping[str, Any]) -> dict[Grant, tuple[Any, Any]]:
    """What a document allows: action and resource, each as compared and as written.

    IAM compares actions without regard to case, and resources with it.
    """
    return {
        (str(action).lower(), str(resource)): (action, resource)
        for statement in allowing(document)
        for action in listed(statement.get("Action"))
        for resource in listed(statement.get("Resource"))
    }


def is_wide(resource: object) -> bool:
    """Say whether a resource is open beyond the names of one service, region and account."""
    parts = str(resource).split(":", 5)
    is_arn = len(parts) == 6 and "*" not in "".join(parts[:5])
    return not isinstance(resource, Unknown) and (not is_arn or parts[5].startswith("*"))


def inverted(document: Mapping[str, Any]) -> list[str]:
    """The elements that allow all but what they name."""
    return [key for s in allowing(document) for key in ("NotAction", "NotResource") if key in s]


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


def allowing(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The statements that allow something."""
    return [each for each in statements(document) if each.get("Effect") == "Allow"]


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
