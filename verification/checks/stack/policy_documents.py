"""The documents of those who let others in: a role's trust policy, and a topic's policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from verification.model.stack import Document
from verification.model.ternary import Unknown


def admission(
    document: Document, what: str, service: str, account: str
) -> Iterator[tuple[str, object, object]]:
    """Whom a document lets in, as facts with what each is and must be: one service, one account.

    Without `aws:SourceAccount` the service could be made to act for somebody else's account: the
    confused deputy (IAM User Guide, "The confused deputy problem").
    """
    if isinstance(document, Unknown) or document is None:
        yield f"the {what}", Unknown(), service
        return
    effects = sorted({str(each.get("Effect")) for each in statements(document)})
    yield f"the {what}'s effect", effects, ["Allow"]
    for statement in statements(document):
        yield f"whom the {what} names", _principals(statement), {"Service": [service]}
        accounts = _condition(statement, "aws:SourceAccount")
        yield f"aws:SourceAccount of the {what}", accounts, [account]


def statements(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The statements of a document."""
    return listed(document.get("Statement"))


def listed(value: Any) -> list[Any]:
    """A list, for which IAM also takes its only member."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _principals(statement: Mapping[str, Any]) -> Any:
    """Whom a statement names, each kind as a list."""
    principal = statement.get("Principal")
    if not isinstance(principal, Mapping):
        return principal
    return {kind: listed(names) for kind, names in principal.items()}


def _condition(statement: Mapping[str, Any], key: str) -> list[Any]:
    """The values that a statement's StringEquals demands of a key."""
    conditions: Mapping[str, Any] = statement.get("Condition") or {}
    equals = conditions.get("StringEquals", {})
    return [
        value for name in equals if name.lower() == key.lower() for value in listed(equals[name])
    ]
