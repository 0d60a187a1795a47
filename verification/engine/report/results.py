"""The evidence of a run, and what follows from it: a cell per criterion and rung, an exit code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from verification.model.criteria import RUNGS, Criterion
from verification.model.findings import Finding
from verification.model.values import Verdict


class ExitCode(IntEnum):
    """How a run ends. 2, 4 and 5 are pytest's own and keep its meaning."""

    PROVEN = 0
    CRITERION_FAILED = 1
    INTERRUPTED = 2
    TOOL_ERROR = 3
    USAGE = 4
    NOTHING_SELECTED = 5
    INCONCLUSIVE = 6
    ENVIRONMENT_UNAVAILABLE = 7


@dataclass(frozen=True)
class Evidence:
    """What one test found: `error` says why it found nothing, `seconds` how long it took."""

    criterion: str
    rung: str
    environment: str
    check: str
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0
    error: str = ""
    unavailable: bool = False


@dataclass(frozen=True)
class Cell:
    """What is known of a criterion on a rung.

    `status` is a verdict, or "not required", "not run" (not asked for) or "not yet verified" (no
    test proves it).
    """

    status: str
    evidence: tuple[Evidence, ...] = ()

    @property
    def examined(self) -> int:
        """How many things were examined."""
        return sum(len(evidence.findings) for evidence in self.evidence)

    @property
    def waived(self) -> int:
        """How many of them fail and were waived."""
        findings = (finding for evidence in self.evidence for finding in evidence.findings)
        return sum(finding.verdict is Verdict.WAIVED for finding in findings)


# The worst verdict of a cell's evidence is the cell's.
_WORST = (Verdict.FAIL, Verdict.ERROR, Verdict.UNKNOWN, Verdict.WAIVED, Verdict.PASS)


class Results:
    """Everything that a run found.

    Args:
        criteria: all criteria, by id.
        asked: the rungs that were asked for.
    """

    def __init__(self, criteria: Mapping[str, Criterion], asked: Iterable[str]) -> None:
        self.criteria = criteria
        self.asked = tuple(rung for rung in RUNGS if rung in set(asked))
        self.evidence: list[Evidence] = []
        self._proven_by: set[tuple[str, str]] = set()

    def expect(self, criterion: str, rung: str) -> None:
        """Say that a test for this criterion and rung exists, whether or not it is selected."""
        self._proven_by.add((criterion, rung))

    def add(self, evidence: Evidence) -> None:
        """Record what a test found."""
        self.evidence.append(evidence)

    def cell(self, criterion: Criterion, rung: str) -> Cell:
        """What is known of a criterion on a rung."""
        found = tuple(e for e in self.evidence if (e.criterion, e.rung) == (criterion.id, rung))
        if found:
            verdicts = {evidence.verdict for evidence in found}
            return Cell(next(v for v in _WORST if v in verdicts).value, found)
        if rung not in criterion.rungs:
            return Cell("not required")
        unproven = rung in self.asked and (criterion.id, rung) not in self._proven_by
        return Cell("not yet verified" if unproven else "not run")

    def unverified(self) -> list[Criterion]:
        """The criteria with an asked-for rung that no test proves yet."""
        return [
            criterion
            for criterion in self.criteria.values()
            if any(self.cell(criterion, rung).status == "not yet verified" for rung in self.asked)
        ]

    def open_unknowns(self) -> list[Evidence]:
        """What was unknown on one rung and was not decided on a later one."""
        return [e for e in self.evidence if e.verdict is Verdict.UNKNOWN and not self._decided(e)]

    def exit_code(self, strict: bool) -> ExitCode:
        """How the run ends: a failure outranks errors, and these outrank open questions."""
        verdicts = {evidence.verdict for evidence in self.evidence}
        errors = [e for e in self.evidence if e.verdict is Verdict.ERROR]
        if Verdict.FAIL in verdicts:
            return ExitCode.CRITERION_FAILED
        if any(not error.unavailable for error in errors):
            return ExitCode.TOOL_ERROR
        if errors:
            return ExitCode.ENVIRONMENT_UNAVAILABLE
        if self.open_unknowns() or (strict and self.unverified()):
            return ExitCode.INCONCLUSIVE
        return ExitCode.PROVEN

    def _decided(self, unknown: Evidence) -> bool:
        later = RUNGS[RUNGS.index(unknown.rung) + 1 :]
        passed = [e for e in self.evidence if e.rung in later and e.verdict is Verdict.PASS]
        if unknown.rung == "policy":
            # No later rung has policies: whatever proves the same promise there decides.
            return any(e.criterion == unknown.criterion for e in passed)
        same = (unknown.check, unknown.environment)
        return any((e.check, e.environment) == same for e in passed)
