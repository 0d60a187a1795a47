"""The evidence of a run, and its result: a cell per criterion and rung, and an exit code."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from verification.model.criteria import RUNGS, Criterion
from verification.model.findings import Finding
from verification.model.proofs import UNDEMANDED, Proofs, Silence
from verification.model.verdict import Verdict


class ExitCode(IntEnum):
    """The exit codes. 2, 4 and 5 are pytest's and keep its meaning."""

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
    """The findings of one test; `error` is the reason if it has none. `seconds` is its duration.

    `test` is pytest's id.
    """

    criterion: str
    rung: str
    environment: str
    check: str
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0
    error: str = ""
    unavailable: bool = False
    test: str = ""


@dataclass(frozen=True)
class Cell:
    """The status of a criterion on a rung.

    `status` is a verdict, or "not required", "not run" (a required check has no result, or the rung
    was not selected) or "not yet verified" (it has no check). `missing` are the required checks
    without a result, `left_out` those that a partial run leaves out, and those of which the
    selected environments require nothing while another environment was left out.
    """

    status: str
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[Silence, ...] = ()
    left_out: tuple[Silence, ...] = ()

    @property
    def examined(self) -> int:
        """The number of things examined."""
        return sum(len(evidence.findings) for evidence in self.evidence)

    @property
    def waived(self) -> int:
        """The number of waived failures."""
        findings = (finding for evidence in self.evidence for finding in evidence.findings)
        return sum(finding.verdict is Verdict.WAIVED for finding in findings)


NOT_RUN = "not run"
NOT_YET_VERIFIED = "not yet verified"
STATUSES = (
    *(Verdict.FAIL.value, Verdict.ERROR.value, NOT_RUN, NOT_YET_VERIFIED),
    *(Verdict.UNKNOWN.value, Verdict.WAIVED.value, Verdict.PASS.value),
)
"""The possible statuses of a required cell, the worst first: verdicts, and missing results."""


@dataclass
class Step:
    """A timed step: its name, start and duration in seconds."""

    name: str
    started: float
    seconds: float | None = None
    failed: bool = False

    @property
    def elapsed(self) -> float:
        """Seconds so far, or in total."""
        return time.monotonic() - self.started if self.seconds is None else self.seconds


class Results:
    """All results of a run.

    Args:
        criteria: all criteria, by id.
        asked: the selected rungs.
        partial: whether only the selected tests are judged.
        environments: the selected environments.
        unselected: the contract's other environments.
    """

    def __init__(
        self,
        criteria: Mapping[str, Criterion],
        asked: Iterable[str],
        partial: bool = False,
        environments: Sequence[str] = (),
        unselected: Sequence[str] = (),
    ) -> None:
        self.criteria = criteria
        self.environments, self.unselected = environments, unselected
        self.asked = tuple(rung for rung in RUNGS if rung in set(asked))
        self.partial = partial
        self.evidence: list[Evidence] = []
        self.proofs = Proofs()

    def add(self, evidence: Evidence) -> None:
        """Add a test's evidence."""
        self.evidence.append(evidence)

    def withdraw(self, evidence: Evidence) -> None:
        """Remove a test's evidence, because the test is run again."""
        self.evidence = [one for one in self.evidence if one is not evidence]

    def cell(self, criterion: Criterion, rung: str) -> Cell:
        """The status of a criterion on a rung."""
        found = tuple(e for e in self.evidence if (e.criterion, e.rung) == (criterion.id, rung))
        missing, left_out = self._silent(criterion, rung, found)
        elsewhere = tuple(self._undemanded(criterion, rung, found))
        verdicts = {evidence.verdict.value for evidence in found}
        verdicts |= {NOT_RUN for _ in (*missing, *elsewhere)}
        if verdicts:
            status = next(status for status in STATUSES if status in verdicts)
        elif rung not in criterion.rungs:
            status = "not required"
        else:
            unproven = rung in self.asked and not criterion.on(rung)
            status = NOT_YET_VERIFIED if unproven else NOT_RUN
        return Cell(status, found, missing, left_out + elsewhere)

    def unverified(self) -> list[Criterion]:
        """The criteria with a selected rung on which they have no check yet."""
        return self._where(lambda cell: cell.status == NOT_YET_VERIFIED)

    def unproven(self) -> list[Criterion]:
        """The criteria with a selected rung on which a required check has no result."""
        return self._where(lambda cell: bool(cell.missing))

    def left_out(self) -> list[Criterion]:
        """The criteria of which something is left out."""
        return self._where(lambda cell: bool(cell.left_out))

    def open_unknowns(self) -> list[Evidence]:
        """Unknown evidence that no later rung decided."""
        return [e for e in self.evidence if e.verdict is Verdict.UNKNOWN and not self.is_decided(e)]

    def is_decided(self, unknown: Evidence) -> bool:
        """Whether a later rung proved unknown evidence: the same check, in the same environment.

        For policies, which run on no later rung, see `is_proven_later`.
        """
        if unknown.rung == "policy":
            found = [f for f in unknown.findings if f.verdict is Verdict.UNKNOWN]
            named = {name for finding in found for name in finding.environments}
            return self.is_proven_later(unknown.criterion, named)
        same = (unknown.check, unknown.environment)
        return any((e.check, e.environment) == same for e in self._passed_after(unknown.rung))

    def is_proven_later(self, criterion: str, environments: Iterable[str]) -> bool:
        """Whether later rungs than the policy rung prove a criterion, in each environment given.

        Only selected environments count; without any, one proof is enough.
        """
        ran = {evidence.environment for evidence in self.evidence}
        passed = {e.environment for e in self._passed_after("policy") if e.criterion == criterion}
        wanted = set(environments) & ran
        return bool(passed) and wanted <= passed

    def exit_code(self) -> ExitCode:
        """The exit code: failures before errors before open results."""
        if not self.evidence:
            return ExitCode.NOTHING_SELECTED
        verdicts = {evidence.verdict for evidence in self.evidence}
        errors = [e for e in self.evidence if e.verdict is Verdict.ERROR]
        if Verdict.FAIL in verdicts:
            return ExitCode.CRITERION_FAILED
        if any(not error.unavailable for error in errors):
            return ExitCode.TOOL_ERROR
        if errors:
            return ExitCode.ENVIRONMENT_UNAVAILABLE
        unverified = not self.partial and self.unverified()
        if self.open_unknowns() or self.unproven() or unverified:
            return ExitCode.INCONCLUSIVE
        return ExitCode.PROVEN

    def _silent(
        self, criterion: Criterion, rung: str, found: Iterable[Evidence]
    ) -> tuple[tuple[Silence, ...], tuple[Silence, ...]]:
        if rung not in self.asked:
            return (), ()
        spoken = {evidence.test for evidence in found}
        selected, others = self.proofs.silent(criterion, rung, spoken, self.environments)
        if self.partial:
            return tuple(selected), tuple(others)
        return (*selected, *others), ()

    def _undemanded(
        self, criterion: Criterion, rung: str, found: Iterable[Evidence]
    ) -> Iterator[Silence]:
        """The checks whose findings all say "not required", if other environments may differ."""
        demanded: dict[str, bool] = {}
        for evidence in found:
            here = not evidence.findings or any(one.demanded for one in evidence.findings)
            demanded[evidence.check] = demanded.get(evidence.check, False) or here
        for check, anywhere in demanded.items():
            if not anywhere and criterion.for_each(check, rung):
                for environment in self.unselected:
                    yield Silence(check, environment, UNDEMANDED)

    def _where(self, holds: Callable[[Cell], bool]) -> list[Criterion]:
        return [
            criterion
            for criterion in self.criteria.values()
            if any(holds(self.cell(criterion, rung)) for rung in self.asked)
        ]

    def _passed_after(self, rung: str) -> list[Evidence]:
        later = RUNGS[RUNGS.index(rung) + 1 :]
        return [e for e in self.evidence if e.rung in later and e.verdict is Verdict.PASS]


def final_code(pytests: int, found: ExitCode, unread: bool = False) -> ExitCode:
    """The exit code of the run: pytest's own code is never replaced by a better one.

    Args:
        pytests: pytest's exit code, or that of a plugin which ended the run.
        found: the code that follows from the evidence.
        unread: whether a test file could not be read.
    """
    judged = (ExitCode.PROVEN, ExitCode.CRITERION_FAILED, ExitCode.NOTHING_SELECTED)
    if pytests not in judged:
        return ExitCode(pytests) if pytests in set(ExitCode) else ExitCode.TOOL_ERROR
    if unread:
        return ExitCode.INTERRUPTED
    open_ends = (ExitCode.PROVEN, ExitCode.INCONCLUSIVE, ExitCode.NOTHING_SELECTED)
    if pytests == ExitCode.CRITERION_FAILED and found in open_ends:
        # pytest also counts failures without evidence, such as those made by another plugin.
        return ExitCode.TOOL_ERROR
    if pytests == ExitCode.NOTHING_SELECTED and found is ExitCode.PROVEN:
        return ExitCode.NOTHING_SELECTED
    return found
