"""Applies the register: which failures it lets through, and which of its entries do not hold."""

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
"""How long before its end a waiver is announced."""
_ZONES = timedelta(days=1)
"""How far ahead of ours another time zone's today may be."""


@dataclass(frozen=True)
class Terms:
    """What decides whether an entry holds.

    `known` are the ids of all policies; `today` decides what has expired. `of_changes` are the
    names of checks about a change: the register holds their waivers too, and only where there is a
    change can be told whether these are used.
    """

    known: Collection[str]
    today: date
    grounds: Grounds
    of_changes: Collection[str] = ()


def apply_register(
    register: Register, results: Iterable[PolicyResult], terms: Terms
) -> tuple[list[PolicyResult], frozenset[Entry], list[Finding]]:
    """Turn the failures that the register names into waived ones.

    An entry that does not hold lets nothing through.

    Returns:
        The results; the entries that were used; a finding for each entry and for each file.
    """
    holding = [e for e in register.entries if not _fault_of(e, register, terms)]
    decided: list[PolicyResult] = []
    used: set[Entry] = set()
    for result in results:
        entries = _covering(result, holding) if result.verdict is Verdict.FAIL else []
        used.update(entries)
        if entries:
            # Where both let it through, each in its environment, it is a debt.
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
    """What owners should know: a sentence for each waiver that ends soon, and for old reviews."""
    for waiver, subject in _gathered(register.waivers):
        if today <= waiver.expires <= today + SOON:
            yield (
                f"the waiver of {subject} expires on {waiver.expires}: "
                f"{waiver.owner} should mend the finding, or review the waiver."
            )
    old = [e for e in register.decisions if e.review_due < today]
    for owner in sorted({entry.owner for entry in old}):
        mine = [entry for entry in old if entry.owner == owner]
        rules = ", ".join(dict.fromkeys(entry.rule for entry in mine))
        oldest = min(entry.reviewed for entry in mine)
        yield (
            f"the last review of {rules} in {register.folder}/decisions.yaml is more than a year "
            f"old ({oldest}): {owner} should look at them again, and date that."
        )


def _gathered(entries: Iterable[E]) -> Iterator[tuple[E, str]]:
    """Each entry once, however many addresses it has, and what it is about."""
    together: dict[E, list[str]] = {}
    for entry in entries:
        together.setdefault(replace(entry, address=""), []).append(entry.address)
    for entry, addresses in together.items():
        yield entry, f"{entry.rule} at {', '.join(addresses)}"


def _covering(
    result: PolicyResult, entries: Iterable[Waiver | Decision]
) -> list[Waiver | Decision]:
    """The entries that together cover every environment where the policy fails."""
    subject, failing = (result.policy.id, result.address), set(result.failing)
    named = [e for e in entries if (e.rule, e.address) == subject]
    found = [e for e in named if set(e.environments) <= failing]
    covered = {name for e in found for name in e.environments}
    whole = any(not e.environments for e in found)
    return found if whole or (failing and failing <= covered) else []


def _fault_of(entry: Waiver | Decision, register: Register, terms: Terms) -> str:
    """Why it lets nothing through, whatever the policies say; "" if it may."""
    subject = entry.rule, entry.address, entry.environments
    if entry.rule not in {*terms.known, *terms.of_changes}:
        return f"no rule is called {entry.rule}. Correct the id, or remove the entry"
    same = [e for e in register.entries if (e.rule, e.address, e.environments) == subject]
    if len(same) > 1:
        files = " and ".join(dict.fromkeys(map(register.file, same)))
        return f"{len(same)} entries in {files} are about this finding. Keep one"
    if entry.reviewed > terms.today + _ZONES:
        return f"its review on {entry.reviewed} is still to come. Write when it was"
    if isinstance(entry, Decision):
        return _fault_of_decision(entry, register, terms)
    if entry.expires < terms.today:
        return f"it expired on {entry.expires}. Mend the finding, or review the waiver"
    return ""


def _fault_of_decision(entry: Decision, register: Register, terms: Terms) -> str:
    if entry.rule in terms.of_changes:
        return f"it is about a change, which has an end. Move it to {register.folder}/waivers.yaml"
    return terms.grounds.fallen(entry.rests_on)


def _judged(
    entry: Waiver | Decision, register: Register, needed: set[Entry], terms: Terms
) -> Finding:
    where = f" in {', '.join(entry.environments)}" if entry.environments else ""
    file, problem = register.file(entry), _fault_of(entry, register, terms)
    if not problem and entry not in needed:
        problem = f"it lets nothing through: there is no such finding{where} now. Remove it"
    if problem:
        return fault(f"{file}, {entry.subject}", problem)
    return Finding(Verdict.PASS, entry.address, f"{entry.rule}{where} is {entry.sentence}", file)
