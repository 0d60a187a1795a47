"""Registration of checks: the decorator, their names, and waivers of their findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from types import ModuleType
from typing import TypeVar

from verification.model.changes import Changeset
from verification.model.findings import Finding
from verification.model.policies import Waiver
from verification.model.verdict import Verdict

Check = Callable[..., list[Finding]]
F = TypeVar("F", bound=Check)


def proves(criterion: str) -> Callable[[F], F]:
    """Register a check as a proof of a criterion in `criteria.toml`."""

    def mark(function: F) -> F:
        function.criterion = criterion  # type: ignore[attr-defined]
        return function

    return mark


def checks_in(modules: Iterable[ModuleType]) -> tuple[Check, ...]:
    """All checks in the modules, in source order."""
    return tuple(
        value
        for module in modules
        for value in vars(module).values()
        if hasattr(value, "criterion") and value.__module__ == module.__name__
    )


def name_of(check: Callable[..., object]) -> str:
    """A check's name, such as `tables.expire`."""
    return f"{check.__module__.rpartition('.')[2]}.{check.__name__}"


def waive(rule: str, findings: Iterable[Finding], changeset: Changeset) -> list[Finding]:
    """Turn failures into waived findings where a waiver names the rule and the address."""
    return [_waived(finding, changeset.waiver(rule, finding.address)) for finding in findings]


def _waived(finding: Finding, waiver: Waiver | None) -> Finding:
    if waiver is None or finding.verdict is not Verdict.FAIL:
        return finding
    message = f"{finding.message}; {waiver.sentence}"
    return replace(finding, verdict=Verdict.WAIVED, message=message, remedy="")
