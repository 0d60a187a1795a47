"""A finding: the verdict of a check on one thing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from verification.model.ternary import Unknown, is_true, same
from verification.model.verdict import Verdict


class Subject(Protocol):
    """Anything with an address (Terraform's, or an ARN or name) and a place in the source."""

    @property
    def address(self) -> str:
        """Terraform's address, or the ARN or name of a live resource."""

    @property
    def source(self) -> str:
        """`file:line`, or "" if the resource was not read from source."""


@dataclass(frozen=True)
class Finding:
    """The verdict on one thing.

    A check returns one finding for each thing that it examined, also if it passes, so the number of
    findings is the number of things examined. No finding is an error. `environments` are those that
    the finding is about, if its check is about several. `demanded` is False if the contract
    requires nothing of the environment.
    """

    verdict: Verdict
    address: str
    message: str
    source: str = ""
    remedy: str = ""
    environments: tuple[str, ...] = ()
    demanded: bool = True

    def __str__(self) -> str:
        """One line: source, address, what is wrong, remedy."""
        place = f"{self.source}: " if self.source else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{place}{self.address}: {self.message}.{remedy}"


def expect(
    subject: Subject, what: str, actual: object, expected: object, remedy: str = ""
) -> Finding:
    """Compare an actual value with the expected one.

    Args:
        subject: what the value is about.
        what: the value's name, such as "the TTL attribute"; plural if `expected` is a collection.
        actual: the value found; may be unknown.
        expected: the value that the contract requires.
        remedy: one sentence that says what to write, used if the verdict is fail.
    """
    verb = "are" if isinstance(expected, list | tuple | Mapping) else "is"
    message = f"{what} {verb} {show(actual)}"
    answer = same(actual, expected)
    if answer is False:
        message += f"; expected {'none' if expected is None else show(expected)}"
    return judge(subject, answer, message, remedy)


def expect_on(subject: Subject, what: str, switch: object, remedy: str = "") -> Finding:
    """A finding that a switch is on; null and missing count as off."""
    state = {True: "on", False: "off", None: "known only after apply"}[is_true(switch)]
    return judge(subject, is_true(switch), f"{what} is {state}", remedy)


def judge(subject: Subject, answer: bool | None, message: str, remedy: str = "") -> Finding:
    """A finding from a three-valued answer; only a failure has the remedy."""
    verdict = {True: Verdict.PASS, False: Verdict.FAIL, None: Verdict.UNKNOWN}[answer]
    kept = remedy if verdict is Verdict.FAIL else ""
    return Finding(verdict, subject.address, message, subject.source, kept)


def not_demanded(subject: Subject, what: str) -> Finding:
    """A finding that passes because the contract does not require something here."""
    message = f"{what} is not required here"
    return Finding(Verdict.PASS, subject.address, message, subject.source, demanded=False)


def missing(address: str, what: str, remedy: str = "", among: Iterable[object] = ()) -> Finding:
    """A finding that something required is missing.

    Args:
        address: its name, or what lacks it.
        what: the thing, such as "the table".
        remedy: one sentence that says what to write.
        among: the names of what exists; the verdict is unknown if one of them is unknown.
    """
    if any(isinstance(name, Unknown) for name in among):
        text = f"{what} may be one whose name is known only after apply"
        return Finding(Verdict.UNKNOWN, address, text)
    return Finding(Verdict.FAIL, address, f"{what} is missing", remedy=remedy)


def show(value: object) -> str:
    """A value as text in a message."""
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Unknown):
        return "known only after apply"
    if isinstance(value, list | tuple):
        return ", ".join(show(part) for part in value) or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {show(part)}" for name, part in value.items()) or "none"
    return f"'{value}'" if isinstance(value, str) else str(value)
