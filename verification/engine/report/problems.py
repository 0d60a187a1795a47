"""The problems of a run: failures, missing results and unknowns, each once."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from verification.model.proofs import UNRUN, UNSELECTED, Silence
from verification.model.results import NOT_RUN, NOT_YET_VERIFIED, STATUSES, Cell, Evidence
from verification.model.verdict import Verdict

_PROBLEMS = [s for s in STATUSES if s not in (NOT_YET_VERIFIED, Verdict.WAIVED, Verdict.PASS)]
_WHOLE = "Run the whole rung, or add --partial to judge only what is selected."


class Place(NamedTuple):
    """Where a problem was found; `environment` is "" for all."""

    criterion: str
    rung: str
    environment: str


@dataclass(frozen=True)
class Problem:
    """A verdict and its message, all places where it was found, and the number of tests."""

    verdict: str
    address: str
    source: str
    message: str
    remedy: str = ""
    places: tuple[Place, ...] = ()
    tests: int = 0

    @property
    def blocked(self) -> int:
        """The number of tests that an error blocked, if there are several; else 0."""
        return self.tests if self.verdict == Verdict.ERROR and self.tests > 1 else 0


def problems(
    cells: Iterable[tuple[str, str, Cell]], decided: Container[object]
) -> tuple[Problem, ...]:
    """The problems of some cells, the worst first.

    Args:
        cells: each with its criterion and rung.
        decided: evidence that was unknown and that a later rung decided: no problem.
    """
    found: dict[Problem, list[Place]] = {}
    for criterion, rung, cell in cells:
        for silence in cell.missing:
            place = Place(criterion, rung, silence.environment)
            found.setdefault(_not_run(silence), []).append(place)
        for evidence in cell.evidence:
            if evidence not in decided:
                place = Place(criterion, rung, evidence.environment)
                for problem in _wrong(evidence):
                    found.setdefault(problem, []).append(place)
    shown = (
        replace(problem, places=tuple(dict.fromkeys(places)), tests=len(places))
        for problem, places in found.items()
    )
    return tuple(sorted(shown, key=lambda problem: _PROBLEMS.index(problem.verdict)))


def _wrong(evidence: Evidence) -> Iterator[Problem]:
    """The problems that one test found; an error is about the whole test."""
    if evidence.error:
        yield Problem(Verdict.ERROR, "", "", evidence.error)
    for one in evidence.findings:
        if one.verdict in _PROBLEMS:
            yield Problem(one.verdict, one.address, one.source, one.message, one.remedy)


def _not_run(silence: Silence) -> Problem:
    """A required check without a result; those that were not selected are one problem."""
    if silence.why not in (UNSELECTED, UNRUN):
        return Problem(NOT_RUN, silence.check, "", silence.why)
    remedy = _WHOLE if silence.why == UNSELECTED else ""
    return Problem(NOT_RUN, "", "", f"a required check {silence.why}", remedy)
