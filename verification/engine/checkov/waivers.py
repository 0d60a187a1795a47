"""The register of waivers: which findings stay, why, who answers for them, and until when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from verification.engine.errors import ToolError
from verification.model.findings import Finding
from verification.model.policies import PolicyResult, Waiver
from verification.model.values import Verdict

LONGEST = timedelta(days=90)
"""How long a waiver may hold after its review."""
SOON = timedelta(days=14)
"""How long before its end a waiver is announced."""
_TEXTS = ("rule", "reason", "owner")
_LISTS = ("addresses", "environments")
_DATES = ("reviewed", "expires")


@dataclass(frozen=True)
class Register:
    """The waivers that are in order, and what is wrong with the others.

    `file` is its name in messages; `entries` counts all that stand there.
    """

    file: str
    waivers: tuple[Waiver, ...]
    faults: tuple[Finding, ...]
    entries: int


def read_register(folder: Path) -> Register:
    """Read `waivers.yaml`; without the file, nothing is waived.

    Raises:
        ToolError: the file cannot be read, is not YAML, or is no list of waivers.
    """
    path = folder / "waivers.yaml"
    name = f"{folder.name}/{path.name}"
    if not path.exists():
        return Register(name, (), (), 0)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ToolError(f"{name}: cannot be read: {' '.join(str(error).split())}.") from error
    entries = content.get("waivers") if isinstance(content, Mapping) else None
    if not isinstance(entries, list):
        raise ToolError(f"{name}: must hold `waivers:` and a list below it; `waivers: []` is none.")
    waivers: list[Waiver] = []
    faults: list[Finding] = []
    for number, entry in enumerate(entries, start=1):
        place = f"{name}, entry {number}"
        found = [_fault(place, problem) for problem in _problems(entry)]
        faults += found
        waivers += [] if found else _waivers(entry)
    return Register(name, tuple(waivers), tuple(faults), len(entries))


def apply_waivers(
    register: Register,
    results: Iterable[PolicyResult],
    known: Iterable[str],
    today: date,
    of_changes: Iterable[str] = (),
) -> tuple[list[PolicyResult], frozenset[Waiver], list[Finding]]:
    """Turn the failures that the register names into waived ones.

    Args:
        register: the waivers.
        results: what the policies said.
        known: the ids of all policies.
        today: the day that decides what has expired; an expired waiver waives nothing.
        of_changes: the names of checks about a change. The register holds their waivers too; only
            where there is a change can be told whether these are used.

    Returns:
        The results; the waivers that were used; a finding for each waiver and for the register.
    """
    of_changes = set(of_changes)
    known = of_changes | set(known)
    valid = [w for w in register.waivers if not _fault_of(w, register, known, today)]
    decided: list[PolicyResult] = []
    used: set[Waiver] = set()
    for result in results:
        waivers = _covering(result, valid) if result.verdict is Verdict.FAIL else []
        used.update(waivers)
        if waivers:
            result = replace(result, verdict=Verdict.WAIVED, waiver=waivers[0])
        decided.append(result)
    whole = Finding(Verdict.PASS, register.file, f"{register.entries} entries were read")
    needed = used | {w for w in valid if w.rule in of_changes}
    findings = [_judged(w, register, known, needed, today) for w in register.waivers]
    return decided, frozenset(used), [whole, *register.faults, *findings]


def ending_soon(register: Register, today: date) -> Iterator[str]:
    """A sentence for each waiver that is about to expire."""
    for waiver in register.waivers:
        if today <= waiver.expires <= today + SOON:
            yield (
                f"the waiver of {waiver.subject} expires on {waiver.expires}: "
                f"{waiver.owner} should mend the finding, or review the waiver."
            )


def _covering(result: PolicyResult, waivers: Iterable[Waiver]) -> list[Waiver]:
    """The waivers that together cover every environment where the policy fails."""
    subject, failing = (result.policy.id, result.address), set(result.failing)
    named = [w for w in waivers if (w.rule, w.address) == subject]
    found = [w for w in named if set(w.environments) <= failing]
    covered = {e for w in found for e in w.environments}
    whole = any(not w.environments for w in found)
    return found if whole or (failing and failing <= covered) else []


def _fault_of(waiver: Waiver, register: Register, known: set[str], today: date) -> str:
    """Why it waives nothing, whatever the policies say; "" if it may."""
    subject = waiver.rule, waiver.address, waiver.environments
    if waiver.rule not in known:
        return f"no rule is called {waiver.rule}. Correct the id, or remove the waiver"
    if [(w.rule, w.address, w.environments) for w in register.waivers].count(subject) > 1:
        return "it stands there twice. Remove one"
    if waiver.expires < today:
        return f"it expired on {waiver.expires}. Mend the finding, or review the waiver"
    return ""


def _judged(
    waiver: Waiver, register: Register, known: set[str], needed: set[Waiver], today: date
) -> Finding:
    where = f"in {', '.join(waiver.environments)} " if waiver.environments else ""
    fault = _fault_of(waiver, register, known, today)
    if not fault and waiver not in needed:
        fault = f"it waives nothing: there is no such finding {where}now. Remove it"
    if fault:
        return _fault(f"{register.file}, {waiver.subject}", fault)
    message = (
        f"waives {waiver.rule} {where}until {waiver.expires} ({waiver.owner}): {waiver.reason}"
    )
    return Finding(Verdict.PASS, waiver.address, message, register.file)


def _fault(place: str, problem: str) -> Finding:
    message, _, remedy = problem.partition(". ")
    return Finding(Verdict.FAIL, place, message, "", f"{remedy}." if remedy else "")


def _problems(entry: Any) -> Iterator[str]:
    """What is wrong with an entry, whatever the stack is."""
    if not isinstance(entry, Mapping):
        yield "is not a mapping. Give it rule, addresses, reason, owner, reviewed and expires"
        return
    for field in sorted(set(entry) - {*_TEXTS, *_LISTS, *_DATES}):
        yield f"has a field {field!r}. Remove it, or correct its name"
    for field in _TEXTS:
        if not isinstance(entry.get(field), str) or not entry[field].strip():
            yield f"has no {field}. Write one"
    for field in _DATES:
        # A datetime is a date to isinstance, but the two do not compare.
        if type(entry.get(field)) is not date:
            yield f"has no date in {field!r}. Write it as YYYY-MM-DD"
    yield from _list_problems(entry)
    reviewed, expires = entry.get("reviewed"), entry.get("expires")
    if type(reviewed) is date and type(expires) is date and expires - reviewed > LONGEST:
        yield f"holds for more than {LONGEST.days} days after its review. Shorten it"


def _list_problems(entry: Mapping[str, Any]) -> Iterator[str]:
    for field in _LISTS:
        values = entry.get(field, [] if field == "addresses" else ["all"])
        if not _texts(values):
            yield f"has no list of texts in {field!r}. Write one"
    for value in [entry.get("rule"), *_texts(entry.get("addresses"))]:
        if isinstance(value, str) and set(value) & set("*?["):
            yield f"is not exact: {value!r}. Name rules and blocks, without wildcard or index"


def _texts(value: Any) -> Sequence[str]:
    good = isinstance(value, list) and all(isinstance(v, str) and v.strip() for v in value)
    return value if good else []


def _waivers(entry: Mapping[str, Any]) -> list[Waiver]:
    values: dict[str, Any] = {field: " ".join(entry[field].split()) for field in _TEXTS}
    values |= {field: entry[field] for field in _DATES}
    values["environments"] = tuple(entry.get("environments", ()))
    return [Waiver(address=address, **values) for address in entry["addresses"]]
