"""Lost answers: what the SDK then repeats has the same answer and the same effect, once."""

from __future__ import annotations

from collections.abc import Iterable

from verification.model.findings import Finding, expect, judge, missing
from verification.model.lost_answers import LostAnswersSeen, Outcome
from verification.model.stack import Resource

# What each write of the API must be answered; the names are those of the scenario `lost_answers`.
TRIALS = {"start the trial": 201}
LINKS = {
    "shorten": 201,
    "shorten with an alias": 201,
    "share a file": 201,
    "click": 302,
    "delete": 204,
}


def trials_start_once(seen: LostAnswersSeen) -> list[Finding]:
    """A trial whose start lost its first answer runs, and its user hears that it started."""
    return [f for name, status in TRIALS.items() for f in _once(seen, name, status)]


def links_change_once(seen: LostAnswersSeen) -> list[Finding]:
    """A link, a file, a click and a deletion that lost an answer are what they are without."""
    return [f for name, status in LINKS.items() for f in _once(seen, name, status)]


def clicks_keep_their_bound(seen: LostAnswersSeen) -> list[Finding]:
    """Of clicks at once none is lost, and for each lost answer at most one is counted more."""
    place = Resource(address="clicks at once")
    if not seen.lost:
        return [missing(place.address, "a lost answer")]
    most = seen.clicked + seen.lost
    text = f"the count is {seen.clicks}, must be from {seen.clicked} to {most}"
    remedy = "A repeated click must know itself: see backend/README.md, Traps."
    return [judge(place, seen.clicked <= seen.clicks <= most, text, remedy)]


def _once(seen: LostAnswersSeen, name: str, status: int) -> Iterable[Finding]:
    usual, repeated = seen.usual.get(name), seen.repeated.get(name)
    place = Resource(address=f"{name}, its first answer lost")
    if usual is None or repeated is None:
        yield missing(name, "the write, with and without a lost answer")
        return
    remedy = "A repeated write must know its own first attempt: see backend/dynamodb_adapter.py."
    yield expect(Resource(address=name), "the answer", usual.status, status)
    yield expect(place, "the answer", repeated.status, usual.status, remedy)
    for fact in {**usual.facts, **repeated.facts}:
        yield expect(place, fact, repeated.facts.get(fact), usual.facts.get(fact), remedy)
    yield _cost(place, usual, repeated)


def _cost(place: Resource, usual: Outcome, repeated: Outcome) -> Finding:
    """The scenario did what it says, and being safe to repeat costs no call."""
    right = (usual.calls, usual.lost) == (1, 0) and (repeated.calls, repeated.lost) == (2, 1)
    told = f"{repeated.lost} answers were lost; it took {repeated.calls} calls, else {usual.calls}"
    return judge(place, right, told, "One call must do, and one more for the lost answer.")
