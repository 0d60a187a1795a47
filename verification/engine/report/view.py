"""What a reader asks of a document first: how it ended, what is wrong, where to look.

A document is what `verification.json` holds: see `document.py` and `schema.json`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from verification.engine.report.words import sentence
from verification.model.proofs import UNRUN, UNSELECTED
from verification.model.results import STATUSES, ExitCode

Document = Mapping[str, Any]
Entry = tuple[Mapping[str, Any], list[str], bool]
"""An entry of the register: what it says, its addresses, whether it is used at each of them."""

_OF_ADDRESS = ("address", "used")
_PROBLEMS = tuple(s for s in STATUSES if s not in ("not yet verified", "waived", "pass"))
_WHOLE = "Run the whole rung; or, while you work on a part, add --partial."


@dataclass(frozen=True)
class Problem:
    """Something that fails, was not judged or is still unknown, and everywhere it shows.

    `places` are criterion, rung and environment; the latter is "" where all are meant. `checks`
    has the check of each test that shows it.
    """

    verdict: str
    address: str
    source: str
    message: str
    remedy: str
    places: list[tuple[str, str, str]] = field(default_factory=list, compare=False)
    checks: list[str] = field(default_factory=list, compare=False)


def verdict(document: Document) -> str:
    """One sentence: how the run ended, and which criteria are not proven."""
    code = ExitCode(document["exit_code"])
    named = (_with(document, status) for status in ("fail", "not yet verified"))
    silent = (_silent(document, kind) for kind in ("missing", "left_out"))
    return sentence(code, *named, *silent, errors=_errors(document))


def rungs(document: Document) -> list[str]:
    """The rungs that were asked for and on which something must be proven."""
    required = {rung for criterion in document["criteria"] for rung in criterion["rungs"]}
    return [rung for rung in document["rungs"] if rung in required]


def criteria(document: Document) -> list[Mapping[str, Any]]:
    """The criteria that the rungs which were asked for are to prove, in the document's order."""
    shown = set(rungs(document))
    return [criterion for criterion in document["criteria"] if shown & set(criterion["rungs"])]


def worst_first(document: Document) -> list[Mapping[str, Any]]:
    """The same criteria, those first that a reader must see."""
    shown = rungs(document)

    def rank(criterion: Mapping[str, Any]) -> int:
        cells = [cell for rung, cell in criterion["rungs"].items() if rung in shown]
        return min(STATUSES.index(cell["verdict"]) for cell in cells)

    return sorted(criteria(document), key=rank)


def problems(document: Document) -> list[Problem]:
    """What needs somebody: the worst first, each once, with every place where it shows.

    What is unknown on a rung and was decided on a later one is none.
    """
    found: dict[Problem, Problem] = {}
    for problem, place, check in _problems(document):
        known = found.setdefault(problem, problem)
        known.checks.append(check)
        if place not in known.places:
            known.places.append(place)
    return sorted(found, key=lambda problem: _PROBLEMS.index(problem.verdict))


def standing(result: Mapping[str, Any]) -> str:
    """What a policy's result is to a reader: its verdict, or "decided" where a decision is why."""
    return "decided" if "decision" in result else str(result["verdict"])


def open_results(document: Document) -> list[Mapping[str, Any]]:
    """What the policies left open: what fails, and what is unknown and no later rung proved."""
    return [
        result
        for result in document["policies"]["results"]
        if result["verdict"] == "fail"
        or (result["verdict"] == "unknown" and not result.get("decided"))
    ]


def entries(registered: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """The register's entries; a document has each once for each of its addresses."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in registered:
        shared = sorted((key, str(value)) for key, value in one.items() if key not in _OF_ADDRESS)
        found.setdefault(repr(shared), []).append(one)
    return [
        (same[0], [one["address"] for one in same], all(one["used"] for one in same))
        for same in found.values()
    ]


def _problems(document: Document) -> Iterator[tuple[Problem, tuple[str, str, str], str]]:
    for criterion in document["criteria"]:
        for rung, cell in criterion["rungs"].items():
            for silence in cell.get("missing", ()):
                place = (criterion["id"], rung, silence["environment"])
                yield _not_run(silence), place, silence["check"]
            for evidence in cell["evidence"]:
                if evidence["verdict"] == "unknown" and evidence.get("decided"):
                    continue
                place = (criterion["id"], rung, evidence["environment"])
                for problem in _of(evidence):
                    yield problem, place, evidence["check"]


def _of(evidence: Mapping[str, Any]) -> Iterator[Problem]:
    """The problems of one test; an error is about the test as a whole."""
    if evidence["error"]:
        yield Problem("error", "", "", evidence["error"], "")
    for finding in evidence["findings"]:
        if finding["verdict"] in _PROBLEMS:
            yield Problem(**finding)


def _not_run(silence: Mapping[str, str]) -> Problem:
    """A check that was to speak and did not; all of a selection are one problem."""
    why = silence["why"]
    if why == UNSELECTED:
        return Problem("not run", "", "", f"a check that must speak {why}", _WHOLE)
    if why == UNRUN:
        return Problem("not run", "", "", f"a check that must speak {why}", "")
    return Problem("not run", silence["check"], "", why, "")


def _with(document: Document, status: str) -> list[str]:
    return [
        criterion["id"]
        for criterion in document["criteria"]
        if any(cell["verdict"] == status for cell in criterion["rungs"].values())
    ]


def _silent(document: Document, kind: str) -> list[str]:
    return [
        criterion["id"]
        for criterion in document["criteria"]
        if any(cell.get(kind) for cell in criterion["rungs"].values())
    ]


def _errors(document: Document) -> list[str]:
    """The error of each test that had one."""
    return [
        evidence["error"]
        for criterion in document["criteria"]
        for cell in criterion["rungs"].values()
        for evidence in cell["evidence"]
        if evidence["error"]
    ]
