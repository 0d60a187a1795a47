"""Values that a reader may not know yet, and three-valued logic and comparison of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Answer = bool | None
"""True, False, or None where nobody can tell yet (Kleene's strong logic)."""

_IDENTITIES = frozenset({"arn", "arn_suffix", "id"})


@dataclass(frozen=True)
class Unknown:
    """A value that Terraform knows only after apply.

    `reference` is the resource attribute that it will be, such as
    `module.monitoring.aws_sns_topic.alarms.arn`, or "" where the plan does not say. Two values
    with the same reference are equal, whatever they turn out to be; ARNs and ids of two resources
    differ.
    """

    reference: str = ""

    def __str__(self) -> str:
        """Name the attribute that will decide it."""
        return f"<{self.reference}>" if self.reference else "<known after apply>"


def same(actual: object, expected: object) -> Answer:
    """Say whether two values are equal; None if that is decided only after apply.

    Lists compare by position and mappings by key: one differing part decides, whatever else is
    unknown. A list or a mapping that holds an unknown is undecided only if the rest is equal.
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
    """Say whether a list holds a value; None if an unknown member may turn out to be it."""
    if isinstance(members, Unknown):
        return None
    if not _is_list(members):
        return False
    return any_of(same(member, wanted) for member in members)  # type: ignore[attr-defined]


def is_true(value: object) -> Answer:
    """Read a switch: None if unknown; a missing or null switch is off."""
    return None if isinstance(value, Unknown) else value is True


def all_of(answers: Iterable[Answer]) -> Answer:
    """Return False if one is False, else None if one is None, else True; stops at a False."""
    result: Answer = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            result = None
    return result


def any_of(answers: Iterable[Answer]) -> Answer:
    """Return True if one is True, else None if one is None, else False; stops at a True."""
    result: Answer = False
    for answer in answers:
        if answer:
            return True
        if answer is None:
            result = None
    return result


def negate(answer: Answer) -> Answer:
    """Return the opposite; what nobody can tell stays so."""
    return None if answer is None else not answer


def agree(one: Answer, other: Answer) -> Answer:
    """Return the answer that holds in both of two possible worlds, None if they differ."""
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
    # AWS gives each resource an identity of its own; other attributes may still turn out equal.
    names = {value.reference.rpartition(".")[2] for value in (actual, expected)}
    return False if len(names) == 1 and names <= _IDENTITIES else None
