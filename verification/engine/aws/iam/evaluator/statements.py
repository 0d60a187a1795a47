"""Parsing policy documents into statements, and rejecting what AWS would reject.

IAM User Guide, "Grammar of the IAM JSON policy language" and "IAM JSON policy element reference",
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from verification.engine.aws.iam.evaluator import arn_matching, conditions, wildcards
from verification.engine.errors import ToolError
from verification.model.ternary import Answer, Unknown, all_of, any_of, negate

# Without a Version a policy uses the older language, which has no variables.
_VERSIONS = {"2012-10-17": True, "2008-10-17": False, None: False}
_POLICY = {"Version", "Id", "Statement"}
_STATEMENT = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}
_EFFECTS = {"Allow": True, "Deny": False}

Matcher = Callable[[Any], Answer]


class Question(wildcards.Context, Protocol):
    """A request, as far as statements need it."""

    @property
    def action(self) -> str:
        """IAM's action."""

    @property
    def resource(self) -> str | Unknown:
        """An ARN, or "*"."""


@dataclass(frozen=True)
class Statement:
    """One statement; `allows` is None where its Effect is unknown."""

    name: str
    allows: bool | None
    parts: tuple[Matcher, ...]

    def applies(self, request: Question) -> Answer:
        """Whether the statement's action, resource and conditions match the request."""
        return all_of(part(request) for part in self.parts)


def parse(document: object, name: str, *, short_arns: bool) -> tuple[Statement, ...]:
    """Parse a document into statements, named by their Sid or number.

    ToolError names the policy, the statement and what is wrong. An unknown document is one
    statement of unknown effect. `short_arns` is whether incomplete ARNs are completed.
    """
    if isinstance(document, Unknown):
        return (Statement(f"{name}, {document}", None, (_unknown,)),)
    if not isinstance(document, Mapping):
        raise ToolError(f"{name} is not a policy document: {document!r}")
    _only(document, _POLICY, name)
    if "Statement" not in document:
        raise ToolError(f"{name} has no Statement")
    variables = _variables(document.get("Version"), name)
    return tuple(_read(document["Statement"], name, variables, short_arns))


def _unknown(_: object) -> Answer:
    return None


def _variables(version: object, name: str) -> bool:
    if isinstance(version, Unknown):
        raise ToolError(f"{name}: its Version is unknown, so it cannot be parsed")
    if (version is not None and not isinstance(version, str)) or version not in _VERSIONS:
        raise ToolError(f"{name}: unknown Version {version!r}")
    return _VERSIONS[version]


def _only(value: Mapping[str, Any], known: set[str], where: str) -> None:
    if wrong := set(value) - known:
        raise ToolError(f"{where}: {', '.join(sorted(map(repr, wrong)))} is not allowed there")


def _read(statements: Any, name: str, variables: bool, short: bool) -> Iterator[Statement]:
    for place, statement in enumerate(_list(statements), 1):
        where = f"statement {place} of {name}"
        if isinstance(statement, Unknown):
            yield Statement(where, None, (_unknown,))
            continue
        if not isinstance(statement, Mapping):
            raise ToolError(f"{where} is not an object: {statement!r}")
        try:
            yield _statement(statement, _called(statement, where, name), variables, short)
        except ToolError as reason:
            raise ToolError(f"{where}: {reason}") from reason


def _called(statement: Mapping[str, Any], where: str, name: str) -> str:
    sid = statement.get("Sid")
    return f"statement '{sid}' of {name}" if isinstance(sid, str) and sid else where


def _statement(value: Mapping[str, Any], name: str, variables: bool, short: bool) -> Statement:
    _only(value, _STATEMENT, "it")
    found = conditions.parse(value.get("Condition", {}), variables)

    def pattern(resource: str) -> Matcher:
        meant = arn_matching.resource_pattern(resource, variables=variables, short=short)
        if "NotResource" not in value:
            return lambda request: meant.matches(request.resource, request)
        # The guide says both "will not match any resource" and that "the entire statement" might be
        # "invalid"; for a Deny these are opposites.
        return lambda request: (
            None if meant.null(request) else meant.matches(request.resource, request)
        )

    parts = (
        _element(value, "Action", _action),
        _element(value, "Resource", pattern),
        *((lambda request, one=one: one.holds(request)) for one in found),
    )
    return Statement(name, _effect(value), parts)


def _effect(statement: Mapping[str, Any]) -> bool | None:
    effect = statement.get("Effect")
    if isinstance(effect, Unknown):
        return None
    if not isinstance(effect, str) or effect not in _EFFECTS:
        raise ToolError(f"Effect must be 'Allow' or 'Deny', not {effect!r}")
    return _EFFECTS[effect]


def _action(value: str) -> Matcher:
    """Parse an action; "the prefix and the action name are case insensitive" (Action element)."""
    if value != "*" and not all(value.partition(":")):
        raise ToolError(f"action '{value}' is not service:name")
    pattern = wildcards.caseless(wildcards.plain(value))
    return lambda request: bool(pattern.fullmatch(request.action))


def _element(value: Mapping[str, Any], name: str, read: Callable[[str], Matcher]) -> Matcher:
    """Parse Action or NotAction, Resource or NotResource; exactly one of the two is required."""
    both = [key for key in (name, f"Not{name}") if key in value]
    if len(both) != 1:
        raise ToolError(f"expected either {name} or Not{name}")
    entries = _list(value[both[0]])
    if not entries:
        raise ToolError(f"{both[0]} is empty")
    tests = [_entry(entry, both[0], read) for entry in entries]
    if both[0] == name:
        return lambda request: any_of(test(request) for test in tests)
    return lambda request: negate(any_of(test(request) for test in tests))


def _entry(entry: object, name: str, read: Callable[[str], Matcher]) -> Matcher:
    if isinstance(entry, Unknown):
        return lambda request: _same(entry, request.resource) if "Resource" in name else None
    if not isinstance(entry, str):
        raise ToolError(f"{name} has {entry!r}, which is not a string")
    return read(entry)


def _same(entry: Unknown, resource: object) -> Answer:
    """Two unknown values are equal if they refer to the same attribute."""
    return True if entry is resource or (entry.reference and entry == resource) else None


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
