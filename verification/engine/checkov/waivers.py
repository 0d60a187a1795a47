"""Applies the register: which failures it accepts, and which of its entries are invalid."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from verification.engine.checkov.grounds import Grounds
from verification.engine.checkov.register import Register, fault
from verification.model.findings import Finding
from verification.model.policies import Decision, Entry, PolicyResult, Waiver
from verification.model.verdict import Verdict

E = TypeVar("E", Waiver, Decision)

SOON = timedelta(days=14)
"""How long before its end a note announces a waiver's expiry."""
_ZONES = timedelta(days=1)
"""How far another time zone's date may be ahead."""


@dataclass(frozen=True)
class Terms:
    """The conditions for valid entries.

    `known` are the ids of all policies; `today` is the date for expiry. `of_changes` are the names
    of checks of a change: the register has their waivers, too, but whether they are used is known
    only in runs with a base.
    """

    known: Collection[str]
    today: date
    grounds: Grounds
    of_changes: Collection[str] = ()


def apply_register(
    register: Register, results: Iterable[PolicyResult], terms: Terms
) -> tuple[list[PolicyResult], frozenset[Entry], list[Finding]]:
    """Turn failures that valid entries name into waived ones.

    Returns:
        The results; the used entries; a finding for each entry and for each file.
    """
    holding = [e for e in register.entries if not _fault_of(e, register, terms)]
    decided: list[PolicyResult] = []
    used: set[Entry] = set()
    for result in results:
        entries = _covering(result, holding) if result.verdict is Verdict.FAIL else []
        used.update(entries)
        if entries:
            # If both accept it, in different environments, it is waived.
            entry = min(entries, key=lambda e: isinstance(e, Decision))
            result = replace(result, verdict=Verdict.WAIVED, entry=entry)
        decided.append(result)
    files = [
        Finding(Verdict.PASS, file, f"{count} entries were read")
        for file, count in register.counts.items()
    ]
    needed = used | {e for e in holding if e.rule in terms.of_changes}
    findings = [_judged(e, register, needed, terms) for e in register.entries]
    return decided, frozenset(used), [*files, *register.faults, *findings]


def notes(register: Register, today: date) -> Iterator[str]:
    """Reminders for owners: a sentence for each waiver that expires soon, and for old reviews."""
    for waiver, subject in _gathered(register.waivers):
        if today <= waiver.expires <= today + SOON:
            yield (
                f"the waiver of {subject} expires on {waiver.expires}: "
                f"{waiver.owner} should fix the finding, or review the waiver."
            )
    old = [e for e in register.decisions if e.review_due < today]
    for owner in sorted({entry.owner for entry in old}):
        mine = [entry for entry in old if entry.owner == owner]
        rules = ", ".join(dict.fromkeys(entry.rule for entry in mine))
        oldest = min(entry.reviewed for entry in mine)
        yield (
            f"the last review of {rules} in {register.folder}/decisions.yaml is more than a year "
            f"old ({oldest}): {owner} should review them, and update the date."
        )


def _gathered(entries: Iterable[E]) -> Iterator[tuple[E, str]]:
    """Each entry once, with its rule and all its addresses."""
    together: dict[E, list[str]] = {}
    for entry in entries:
        together.setdefault(replace(entry, address=""), []).append(entry.address)
    for entry, addresses in together.items():
        yield entry, f"{entry.rule} at {', '.join(addresses)}"


def _covering(
    result: PolicyResult, entries: Iterable[Waiver | Decision]
) -> list[Waiver | Decision]:
    """The entries that together cover every environment in which the policy fails."""
    subject, failing = (result.policy.id, result.address), set(result.failing)
    named = [e for e in entries if (e.rule, e.address) == subject]
    found = [e for e in named if set(e.environments) <= failing]
    covered = {name for e in found for name in e.environments}
    whole = any(not e.environments for e in found)
    return found if whole or (failing and failing <= covered) else []


def _fault_of(entry: Waiver | Decision, register: Register, terms: Terms) -> str:
    """Why an entry is invalid, whatever the results are; "" if it is valid."""
    subject = entry.rule, entry.address, entry.environments
    if entry.rule not in {*terms.known, *terms.of_changes}:
        return f"there is no rule {entry.rule}. Correct the id, or remove the entry"
    same = [e for e in register.entries if (e.rule, e.address, e.environments) == subject]
    if len(same) > 1:
        files = " and ".join(dict.fromkeys(map(register.file, same)))
        return f"{len(same)} entries in {files} are for this finding. Keep one"
    if entry.reviewed > terms.today + _ZONES:
        return f"its review date {entry.reviewed} is in the future. Correct it"
    if isinstance(entry, Decision):
        return _fault_of_decision(entry, register, terms)
    if entry.expires < terms.today:
        return f"it expired on {entry.expires}. Fix the finding, or review the waiver"
    return ""


def _fault_of_decision(entry: Decision, register: Register, terms: Terms) -> str:
    if entry.rule in terms.of_changes:
        return f"findings of a change can only be waived. Move it to {register.folder}/waivers.yaml"
    return terms.grounds.fallen(entry.rests_on)


def _judged(
    entry: Waiver | Decision, register: Register, needed: set[Entry], terms: Terms
) -> Finding:
    where = f" in {', '.join(entry.environments)}" if entry.environments else ""
    file, problem = register.file(entry), _fault_of(entry, register, terms)
    if not problem and entry not in needed:
        problem = f"it is unused: there is no such finding{where}. Remove it"
    if problem:
        return fault(f"{file}, {entry.subject}", problem)
    return Finding(Verdict.PASS, entry.address, f"{entry.rule}{where} is {entry.sentence}", file)
