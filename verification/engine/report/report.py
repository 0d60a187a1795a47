"""The report of a run: one frozen object, which a writer for each format renders."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from textwrap import shorten

from verification.engine.report.problems import Problem, problems
from verification.model.criteria import RUNGS, Criterion
from verification.model.policies import Decision, PolicyReport, PolicyResult, Waiver
from verification.model.results import (
    NOT_YET_VERIFIED,
    STATUSES,
    Cell,
    Evidence,
    ExitCode,
    Results,
    Step,
)
from verification.model.run_facts import RunFacts
from verification.model.verdict import Verdict

SIGNS = {"pass": "✓", "waived": "~", "fail": "✗", "error": "!", "unknown": "?"}
"""A verdict's sign: no report tells verdicts apart by colour alone."""

_ENDS = {
    ExitCode.PROVEN: "All criteria of the selected rungs are proven",
    ExitCode.TOOL_ERROR: "A tool failed, or a file cannot be read: see its message",
    ExitCode.ENVIRONMENT_UNAVAILABLE: "A requirement of the run is missing: see the message",
    ExitCode.INCONCLUSIVE: "Inconclusive: not every criterion is decided",
    ExitCode.USAGE: "The command line or one of the suite's data files is wrong",
    ExitCode.NOTHING_SELECTED: "No test reported a result, so nothing is proven",
    ExitCode.INTERRUPTED: "Interrupted",
}
_IN_PART = "All selected tests passed; left out: "
_MOST = 5  # names in the sentence; the matrix lists all.
_LONGEST = 240  # characters of an error in the sentence.
_BROKEN = (ExitCode.TOOL_ERROR, ExitCode.ENVIRONMENT_UNAVAILABLE)
_JUDGED_NOTHING = (ExitCode.USAGE, ExitCode.NOTHING_SELECTED, ExitCode.INTERRUPTED)


@dataclass(frozen=True)
class StepReport:
    """A step of the run; `offset` is in seconds from the start of the first step."""

    name: str
    offset: float
    seconds: float
    failed: bool


@dataclass(frozen=True)
class CriterionReport:
    """A criterion, and its cell on each rung on which it must be proven."""

    criterion: Criterion
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class RegisterEntry:
    """A waiver or decision, its addresses, and the number of them at which it is used."""

    entry: Waiver | Decision
    addresses: tuple[str, ...]
    used: int


@dataclass(frozen=True)
class Report:
    """Everything that a run found.

    `asked` are the selected rungs. `decided` is what was unknown on one rung and decided on a later
    one. `policies` is None if they did not run.
    """

    facts: RunFacts
    code: ExitCode
    asked: tuple[str, ...]
    criteria: tuple[CriterionReport, ...]
    steps: tuple[StepReport, ...] = ()
    notes: tuple[str, ...] = ()
    policies: PolicyReport | None = None
    decided: frozenset[Evidence | PolicyResult] = frozenset()

    @classmethod
    def of(
        cls,
        results: Results,
        code: ExitCode,
        steps: Sequence[Step],
        facts: RunFacts,
        notes: Iterable[str] = (),
        policies: PolicyReport | None = None,
    ) -> Report:
        """Freeze the results of a run that has ended."""
        criteria = tuple(
            CriterionReport(
                one, {rung: results.cell(one, rung) for rung in RUNGS if rung in one.rungs}
            )
            for one in results.criteria.values()
        )
        first = min((step.started for step in steps), default=0.0)
        taken = tuple(
            StepReport(one.name, round(one.started - first, 3), round(one.elapsed, 3), one.failed)
            for one in steps
        )
        decided = _decided(results, policies.results if policies else ())
        asked = results.asked
        return cls(facts, code, asked, criteria, taken, tuple(notes), policies, frozenset(decided))

    @property
    def outcome(self) -> str:
        """The exit code in words."""
        return self.code.name.lower().replace("_", " ")

    @cached_property
    def verdict(self) -> str:
        """One sentence: how the run ended, what broke, and which criteria are not proven."""
        failed = self._where(lambda cell: cell.status == Verdict.FAIL)
        left_out = self._where(lambda cell: bool(cell.left_out))
        end = _ENDS.get(self.code) or f"Failed: {_named(failed)}"
        if self.code is ExitCode.PROVEN and left_out:
            end = _IN_PART + _named(left_out)
        if self.code in _BROKEN and self.errors:
            end = _first(self.errors)
        if self.code is ExitCode.CRITERION_FAILED and self.errors:
            end += f". Error: {_first(self.errors)}"
        if self.code not in _JUDGED_NOTHING:
            silent = self._where(lambda cell: bool(cell.missing))
            others = [name for name in silent if name not in failed]
            unverified = self._where(lambda cell: cell.status == NOT_YET_VERIFIED)
            end += f". Not run: {_named(others)}" if others else ""
            end += f". Not yet verified: {', '.join(unverified)}" if unverified else ""
        return f"{end}. (exit code {int(self.code)})"

    @cached_property
    def errors(self) -> Counter[str]:
        """Each error, and the number of tests that it blocked."""
        tests = (one for _, _, cell in self._cells() for one in cell.evidence)
        return Counter(test.error for test in tests if test.error)

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What fails, did not run or is unknown: the worst first, each once with all its places."""
        return problems(self._cells(), self.decided)

    @cached_property
    def wrong(self) -> frozenset[str]:
        """The criteria with a problem."""
        return frozenset(place.criterion for one in self.problems for place in one.places)

    @cached_property
    def rungs(self) -> list[str]:
        """The selected rungs on which something must be proven."""
        required = {rung for one in self.criteria for rung in one.cells}
        return [rung for rung in self.asked if rung in required]

    @cached_property
    def shown(self) -> list[CriterionReport]:
        """The criteria that these rungs must prove."""
        return [one for one in self.criteria if set(self.rungs) & set(one.cells)]

    @cached_property
    def worst_first(self) -> list[CriterionReport]:
        """The same criteria, the worst first."""

        def rank(one: CriterionReport) -> int:
            return min(STATUSES.index(cell.status) for cell in self.row(one) if cell)

        return sorted(self.shown, key=rank)

    @cached_property
    def proven(self) -> list[str]:
        """The criteria that are proven on every selected rung."""
        return [
            one.criterion.id
            for one in self.shown
            if one.criterion.id not in self.wrong
            and any(cell and cell.evidence for cell in self.row(one))
            and not any(cell and _is_open(cell) for cell in self.row(one))
        ]

    @property
    def examined(self) -> int:
        """The number of things examined on these rungs."""
        return sum(cell.examined for one in self.shown for cell in self.row(one) if cell)

    @property
    def open_results(self) -> list[PolicyResult]:
        """The policy results that fail, or are unknown and not decided by a later rung."""
        return [
            result
            for result in (self.policies.results if self.policies else ())
            if result.verdict in (Verdict.FAIL, Verdict.UNKNOWN) and result not in self.decided
        ]

    def row(self, one: CriterionReport) -> list[Cell | None]:
        """The cells of a criterion on these rungs; None where nothing must be proven."""
        return [one.cells.get(rung) for rung in self.rungs]

    def entries(self, registered: Iterable[Waiver | Decision]) -> list[RegisterEntry]:
        """Waivers or decisions, with the addresses of each together."""
        used = self.policies.used if self.policies else frozenset()
        found: dict[Waiver | Decision, list[Waiver | Decision]] = {}
        for one in registered:
            found.setdefault(replace(one, address=""), []).append(one)
        return [
            RegisterEntry(same[0], tuple(one.address for one in same), len(used & set(same)))
            for same in found.values()
        ]

    def _cells(self) -> Iterator[tuple[str, str, Cell]]:
        for one in self.criteria:
            for rung, cell in one.cells.items():
                yield one.criterion.id, rung, cell

    def _where(self, holds: Callable[[Cell], bool]) -> list[str]:
        return list(dict.fromkeys(name for name, _, cell in self._cells() if holds(cell)))


def label(status: str) -> str:
    """A verdict as sign and word; a pass is a sign only."""
    sign = SIGNS.get(status, "")
    return sign if status == Verdict.PASS else f"{sign} {status}".strip()


def cell_label(cell: Cell | None) -> str:
    """A cell's verdict and number of things examined; "" where nothing must be proven."""
    if cell is None:
        return ""
    return f"{label(cell.status)} {cell.examined or ''}".strip()


def _decided(
    results: Results, policies: Iterable[PolicyResult]
) -> Iterator[Evidence | PolicyResult]:
    """What was unknown on one rung and decided on a later one."""
    for test in results.evidence:
        if test.verdict is Verdict.UNKNOWN and results.is_decided(test):
            yield test
    for result in policies:
        later = (result.policy.criterion, result.environments)
        if result.verdict is Verdict.UNKNOWN and results.is_proven_later(*later):
            yield result


def _is_open(cell: Cell) -> bool:
    return cell.status == NOT_YET_VERIFIED or bool(cell.left_out)


def _named(criteria: Sequence[str]) -> str:
    more = len(criteria) - _MOST
    return ", ".join(criteria[:_MOST]) + (f" and {more} more" if more > 0 else "")


def _first(errors: Counter[str]) -> str:
    """The first sentence of the most frequent error, and the number of other errors."""
    (error, _), *others = errors.most_common()
    first = shorten(re.split(r"(?<=[.!?])\s", error.strip())[0], _LONGEST, placeholder=" …")
    more = f" (and {len(others)} more)" if others else ""
    return first.rstrip(".") + more
