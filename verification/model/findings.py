"""A finding: what a check says of one thing it examined."""

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
        """`file:line`, or "" where the resource was not read from source."""


@dataclass(frozen=True)
class Finding:
    """The verdict on one examined thing.

    A check returns one finding for each thing that it examined, also when it passes: the number
    of findings is the number of things examined, and none at all is an error. `environments` are
    those that it is about, where its check is about several. `demanded` is False where the contract
    demands nothing of the environment that was examined.
    """

    verdict: Verdict
    address: str
    message: str
    source: str = ""
    remedy: str = ""
    environments: tuple[str, ...] = ()
    demanded: bool = True

    def __str__(self) -> str:
        """One line that a stranger can act on: place, thing, what is wrong, what to do."""
        place = f"{self.source}: " if self.source else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{place}{self.address}: {self.message}.{remedy}"


def expect(
    subject: Subject, what: str, actual: object, expected: object, remedy: str = ""
) -> Finding:
    """Compare one fact with what the contract says, as a finding.

    Args:
        subject: what the fact is about.
        what: the fact in words, such as "TTL attribute".
        actual: the value found; may be unknown.
        expected: the value that the contract asks for.
        remedy: one sentence that says what to write, shown when the fact is wrong.
    """
    message = f"{what} is {show(actual)}"
    answer = same(actual, expected)
    if answer is False:
        message += f", must be {show(expected)}"
    return judge(subject, answer, message, remedy)


def expect_on(subject: Subject, what: str, switch: object, remedy: str = "") -> Finding:
    """Demand that a switch is on, as a finding; null and missing count as off."""
    state = {True: "on", False: "off", None: "known only after apply"}[is_true(switch)]
    return judge(subject, is_true(switch), f"{what} is {state}", remedy)


def judge(subject: Subject, answer: bool | None, message: str, remedy: str = "") -> Finding:
    """Turn a three-valued answer about a subject into a finding."""
    verdict = {True: Verdict.PASS, False: Verdict.FAIL, None: Verdict.UNKNOWN}[answer]
    kept = remedy if verdict is Verdict.FAIL else ""
    return Finding(verdict, subject.address, message, subject.source, kept)


def not_demanded(subject: Subject, what: str) -> Finding:
    """Say that the contract does not demand something of this environment."""
    message = f"{what} is not demanded here"
    return Finding(Verdict.PASS, subject.address, message, subject.source, demanded=False)


def missing(address: str, what: str, remedy: str = "", among: Iterable[object] = ()) -> Finding:
    """Say that something the contract asks for is not there at all.

    Args:
        address: its name, or what lacks it.
        what: the thing in words, such as "the table".
        remedy: one sentence that says what to write.
        among: the names of what is there; one that is unknown may turn out to be it.
    """
    if any(isinstance(name, Unknown) for name in among):
        text = f"{what} may be one whose name is known only after apply"
        return Finding(Verdict.UNKNOWN, address, text)
    return Finding(Verdict.FAIL, address, f"{what} is missing", remedy=remedy)


def show(value: object) -> str:
    """A value as a person would write it in a sentence."""
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Unknown):
        return "known only after apply"
    if isinstance(value, list | tuple):
        return ", ".join(show(part) for part in value) or "empty"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {show(part)}" for name, part in value.items()) or "empty"
    return f"'{value}'" if isinstance(value, str) else str(value)
