"""IAM's documents: which of them a role has, and what one allows, to whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from verification.model.stack import Document, Policy, Role, Stack, Text
from verification.model.values import Unknown, same

Grant = tuple[str, str]


def held(role: Role, stack: Stack) -> Iterator[tuple[Text, Document]]:
    """Every document of a role, with the name of its policy; an inline one has none."""
    for document in role.inline:
        yield None, document
    for arn in _attached(role):
        found = {_is(arn, policy, stack): policy for policy in stack.policies}
        if True in found:
            yield found[True].name, found[True].document
        elif None in found or isinstance(arn, Unknown):
            yield None, Unknown()


def foreign(role: Role, stack: Stack) -> list[Text]:
    """The attached policies that are not the stack's."""
    own = [[_is(arn, policy, stack) for policy in stack.policies] for arn in _attached(role)]
    return [
        arn
        for arn, answers in zip(_attached(role), own, strict=True)
        if not isinstance(arn, Unknown) and all(answer is False for answer in answers)
    ]


def _attached(role: Role) -> tuple[Text, ...]:
    return (Unknown(),) if isinstance(role.attached, Unknown) else role.attached


def _is(arn: Text, policy: Policy, stack: Stack) -> bool | None:
    """Say whether an ARN is a policy's: by its own ARN, else by its name."""
    answer = same(arn, policy.arn)
    if answer is not None or isinstance(policy.name, Unknown):
        return answer
    return same(arn, f"arn:{stack.partition}:iam::{stack.account}:policy/{policy.name}")


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
