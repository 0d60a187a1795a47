"""The elements of policy documents: grants as written, and all their entries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from verification.engine.aws.iam.evaluator.model import Document, Policies
from verification.model.ternary import Unknown

_VARIABLE = re.compile(r"\$\{([^\s,{}'*?$]+)(?:, '[^']*')?\}")
_FIELDS = 6
Word = str | Unknown


@dataclass(frozen=True)
class Grant:
    """One action entry on one resource entry of a statement that allows.

    NotAction and NotResource are "*", because they may match nearly everything.
    """

    action: Word
    resource: Word
    by: str


def grants(policies: Policies) -> Iterator[Grant]:
    """Every grant of the identity policies, as written."""
    for name, document in named(policies):
        if isinstance(document, Unknown):
            yield Grant(document, document, name)
            continue
        for place, statement in enumerate(statements(document), 1):
            if isinstance(statement, Unknown):
                yield Grant(statement, statement, name)
            elif statement.get("Effect") != "Deny":
                yield from _granted(statement, called(statement, place, name))


def named(policies: Policies) -> list[tuple[str, Document]]:
    """The identity policies with their names, or numbers if they have none."""
    numbered = (f"identity-based policy {n}" for n in range(1, len(policies.identity) + 1))
    names = policies.names or tuple(numbered)
    return list(zip(names, policies.identity, strict=True))


def action_entries(policies: Policies) -> Iterator[tuple[str, str]]:
    """Every known entry of Action and NotAction elements, with its statement."""
    for name, document in [*named(policies), *_boundary(policies)]:
        for place, statement in enumerate(statements(document), 1):
            if isinstance(statement, Mapping):
                for entry in words(statement, "Action", "NotAction"):
                    if isinstance(entry, str):
                        yield called(statement, place, name), entry


def allowed_wildcards(policies: Policies) -> Iterator[tuple[str, str]]:
    """Every entry with a wildcard in Action elements of statements that allow."""
    for name, document in named(policies):
        for place, statement in enumerate(statements(document), 1):
            if isinstance(statement, Mapping) and statement.get("Effect") != "Deny":
                for entry in words(statement, "Action"):
                    if isinstance(entry, str) and set("*?") & set(entry):
                        yield called(statement, place, name), entry


def actions(documents: Iterable[Document]) -> set[str]:
    """Every known action entry."""
    return {w for w in _words(documents, "Action", "NotAction") if isinstance(w, str)}


def resources(documents: Iterable[Document]) -> set[Word]:
    """Every resource entry, completed, with a wildcard for each policy variable."""
    found = _words(documents, "Resource", "NotResource")
    return {_complete(without_variables(w)) if isinstance(w, str) else w for w in found}


def without_variables(text: str) -> str:
    """The text with a wildcard for each policy variable."""
    return _VARIABLE.sub("*", text)


def variables(documents: Iterable[Document]) -> set[str]:
    """The condition keys of policy variables in resources."""
    found = _words(documents, "Resource", "NotResource")
    return {key for word in found if isinstance(word, str) for key in _VARIABLE.findall(word)}


def conditions(documents: Iterable[Document]) -> Iterator[tuple[str, str, Any]]:
    """Every (operator, condition key, value) of the conditions."""
    for document in documents:
        for statement in statements(document):
            found = statement.get("Condition", {}) if isinstance(statement, Mapping) else {}
            for operator, keys in _items(found):
                for key, values in _items(keys):
                    yield from ((operator, key, value) for value in _listed(values))


def statements(document: Document) -> list[Mapping[str, Any] | Unknown]:
    """The statements of a document; none if it is unknown."""
    return [] if isinstance(document, Unknown) else _listed(document.get("Statement"))


def called(statement: Mapping[str, Any], place: int, name: str) -> str:
    """The name of a statement in messages: its Sid, or its number."""
    sid = statement.get("Sid")
    return f"statement '{sid}' of {name}" if sid else f"statement {place} of {name}"


def words(statement: Mapping[str, Any], *elements: str) -> list[Word]:
    """The entries of a statement's elements."""
    return [word for element in elements for word in _listed(statement.get(element))]


def _granted(statement: Mapping[str, Any], name: str) -> Iterator[Grant]:
    allowed = ["*"] if "NotAction" in statement else words(statement, "Action")
    held = ["*"] if "NotResource" in statement else words(statement, "Resource")
    yield from (Grant(action, resource, name) for action in allowed for resource in held)


def _boundary(policies: Policies) -> list[tuple[str, Document]]:
    return [] if policies.boundary is None else [("permissions boundary", policies.boundary)]


def _words(documents: Iterable[Document], *elements: str) -> Iterator[Word]:
    for document in documents:
        for statement in statements(document):
            if isinstance(statement, Mapping):
                yield from words(statement, *elements)


def _complete(arn: str) -> str:
    missing = _FIELDS - 1 - arn.count(":")
    return arn + ":*" * missing if arn.startswith("arn:") and missing > 0 else arn


def _items(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, Mapping) else []


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
