"""What needs somebody: what fails, was not judged or is still unknown, each once."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from verification.model.proofs import UNRUN, UNSELECTED, Silence
from verification.model.results import NOT_RUN, NOT_YET_VERIFIED, STATUSES, Cell, Evidence
from verification.model.verdict import Verdict

_PROBLEMS = [s for s in STATUSES if s not in (NOT_YET_VERIFIED, Verdict.WAIVED, Verdict.PASS)]
_WHOLE = "Run the whole rung; or, while you work on a part, add --partial."


class Place(NamedTuple):
    """Where a problem shows; `environment` is "" where all are meant."""

    criterion: str
    rung: str
    environment: str


@dataclass(frozen=True)
class Problem:
    """Something wrong: the same verdict on the same thing in the same words is one.

    `places` are all in which it shows, `tests` is how many tests show it.
    """

    verdict: str
    address: str
    source: str
    message: str
    remedy: str = ""
    places: tuple[Place, ...] = ()
    tests: int = 0


def problems(
    cells: Iterable[tuple[str, str, Cell]], decided: Container[object]
) -> tuple[Problem, ...]:
    """The problems of some cells, the worst first.

    Args:
        cells: each with its criterion and rung.
        decided: what was unknown and a later rung decided; it is no problem.
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
    """What is wrong by one test; an error is about the test as a whole."""
    if evidence.error:
        yield Problem(Verdict.ERROR, "", "", evidence.error)
    for one in evidence.findings:
        if one.verdict in _PROBLEMS:
            yield Problem(one.verdict, one.address, one.source, one.message, one.remedy)


def _not_run(silence: Silence) -> Problem:
    """A check that was to speak and did not; all of a selection are one problem."""
    if silence.why not in (UNSELECTED, UNRUN):
        return Problem(NOT_RUN, silence.check, "", silence.why)
    remedy = _WHOLE if silence.why == UNSELECTED else ""
    return Problem(NOT_RUN, "", "", f"a check that must speak {silence.why}", remedy)
