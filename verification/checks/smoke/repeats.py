"""What the SDK repeats has the same answer and the same effect, once: lost answers, throttling."""

from __future__ import annotations

from collections.abc import Iterable

from verification.model.findings import Finding, expect, judge, missing
from verification.model.lost_answers import LostAnswersSeen, Outcome
from verification.model.stack import Resource

# What each write of the API must be answered; the names are those of the scenario `lost_answers`.
TRIALS = {"start the trial": 201, "start a trial that was used": 409}
LINKS = {
    "shorten": 201,
    "shorten with an alias": 201,
    "share a file": 201,
    "click": 302,
    "delete": 204,
    "take somebody else's alias": 409,
    "delete somebody else's link": 404,
}
# What happens to the first attempt. What is refused is asked in both ways.
LOST, THROTTLED = "its first answer lost", "its first attempt throttled"


def trials_start_once(seen: LostAnswersSeen) -> list[Finding]:
    """A trial whose start is repeated runs, and its user hears so; a used one stays used."""
    return [f for name, status in TRIALS.items() for f in _once(seen, name, status)]


def links_change_once(seen: LostAnswersSeen) -> list[Finding]:
    """A link, a file, a click and a deletion are the same when repeated, as are refusals."""
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
    usual = seen.usual.get(name)
    if usual is None:
        yield missing(name, "the write")
        return
    yield expect(Resource(address=name), "the answer", usual.status, status)
    for how in (LOST, THROTTLED) if status >= 400 else (LOST,):
        yield from _same(
            Resource(address=f"{name}, {how}"), usual, seen.repeated.get(how, {}).get(name)
        )


def _same(place: Resource, usual: Outcome, repeated: Outcome | None) -> Iterable[Finding]:
    if repeated is None:
        yield missing(place.address, "the write")
        return
    remedy = "A repeated write must know its own first attempt: see backend/dynamodb_adapter.py."
    yield expect(place, "the answer", repeated.status, usual.status, remedy)
    for fact in {**usual.facts, **repeated.facts}:
        yield expect(place, fact, repeated.facts.get(fact), usual.facts.get(fact), remedy)
    yield _cost(place, usual, repeated)


def _cost(place: Resource, usual: Outcome, repeated: Outcome) -> Finding:
    """The scenario did what it says, and being safe to repeat costs no call."""
    right = (usual.calls, usual.spoiled) == (1, 0) and (repeated.calls, repeated.spoiled) == (1, 1)
    spoiled = f"{usual.spoiled} and then {repeated.spoiled} attempts were spoiled"
    told = f"{spoiled}, of {usual.calls} and then {repeated.calls} calls"
    return judge(place, right, told, "One call must do, also where its first attempt is spoiled.")
