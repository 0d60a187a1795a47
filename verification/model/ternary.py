"""Unknown values, and three-valued logic and comparison of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Answer = bool | None
"""True, False, or None for unknown (Kleene's strong logic)."""

_IDENTITIES = frozenset({"arn", "arn_suffix", "id"})


@dataclass(frozen=True)
class Unknown:
    """A value that is known only after apply.

    `reference` is the resource attribute that it will be, such as
    `module.monitoring.aws_sns_topic.alarms.arn`, or "" if the plan does not show it. Two values
    with the same reference are equal; ARNs and ids of two resources differ.
    """

    reference: str = ""

    def __str__(self) -> str:
        """The attribute that it will be."""
        return f"<{self.reference}>" if self.reference else "<known after apply>"


def same(actual: object, expected: object) -> Answer:
    """Whether two values are equal; None if that is known only after apply.

    Lists compare by position, mappings by key. One differing part decides, even if others are
    unknown. A list or mapping with unknown parts is undecided only if the other parts are equal.
    """
    if isinstance(actual, Unknown) or isinstance(expected, Unknown):
        return _same_references(actual, expected)
    if isinstance(actual, Mapping) and isinstance(expected, Mapping):
        if actual.keys() != expected.keys():
            return False
        return all_of(same(actual[key], expected[key]) for key in actual)
    if _is_list(actual) and _is_list(expected):
        left, right = list(actual), list(expected)  # type: ignore[call-overload]
        if len(left) != len(right):
            return False
        return all_of(same(a, b) for a, b in zip(left, right, strict=True))
    return actual == expected


def contains(members: object, wanted: object) -> Answer:
    """Whether a list contains a value; None if an unknown member may be the value."""
    if isinstance(members, Unknown):
        return None
    if not _is_list(members):
        return False
    return any_of(same(member, wanted) for member in members)  # type: ignore[attr-defined]


def is_true(value: object) -> Answer:
    """Whether a switch is on: None if unknown; missing and null are off."""
    return None if isinstance(value, Unknown) else value is True


def all_of(answers: Iterable[Answer]) -> Answer:
    """False if one is False, else None if one is None, else True; stops at a False."""
    result: Answer = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            result = None
    return result


def any_of(answers: Iterable[Answer]) -> Answer:
    """True if one is True, else None if one is None, else False; stops at a True."""
    result: Answer = False
    for answer in answers:
        if answer:
            return True
        if answer is None:
            result = None
    return result


def negate(answer: Answer) -> Answer:
    """The opposite; None stays None."""
    return None if answer is None else not answer


def agree(one: Answer, other: Answer) -> Answer:
    """The answer if both are equal, else None."""
    return one if one is other else None


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _same_references(actual: object, expected: object) -> Answer:
    if not (isinstance(actual, Unknown) and isinstance(expected, Unknown)):
        return None
    if not (actual.reference and expected.reference):
        return None
    if actual.reference == expected.reference:
        return True
    # ARNs and ids of two resources are never equal; other attributes may be.
    names = {value.reference.rpartition(".")[2] for value in (actual, expected)}
    return False if len(names) == 1 and names <= _IDENTITIES else None
