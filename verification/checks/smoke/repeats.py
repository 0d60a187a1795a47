"""Checks that a write repeated by the SDK has the same answer and takes effect once."""

from __future__ import annotations

from collections.abc import Iterable

from verification.model.findings import Finding, expect, judge, missing
from verification.model.smoke.lost_answers import LostAnswersSeen, Outcome
from verification.model.stack import Resource

# Expected status of each write; the names are those of the scenario `lost_answers`.
TRIALS = {"start the trial": 201, "start a trial that was used": 409}
LINKS = {
    "shorten": 201,
    "shorten with an alias": 201,
    "share a file": 201,
    "count a file": 201,
    "click": 302,
    "delete": 204,
    "take another user's alias": 409,
    "delete another user's link": 404,
}
# What happens to the first attempt. Writes that must be rejected are tried with both.
LOST, THROTTLED = "its first answer lost", "its first attempt throttled"


def trials_start_once(seen: LostAnswersSeen) -> list[Finding]:
    """A repeated start of a trial answers as usual and starts it once; a used trial stays used."""
    return [f for name, status in TRIALS.items() for f in _once(seen, name, status)]


def links_change_once(seen: LostAnswersSeen) -> list[Finding]:
    """Repeated writes of links, files, clicks and deletions take effect once; rejections stay."""
    return [f for name, status in LINKS.items() for f in _once(seen, name, status)]


def clicks_keep_their_bound(seen: LostAnswersSeen) -> list[Finding]:
    """No concurrent click is lost, and each lost answer adds at most one."""
    place = Resource(address="clicks at once")
    if not seen.lost:
        return [missing(place.address, "a lost answer")]
    most = seen.clicked + seen.lost
    text = f"the count is {seen.clicks}; expected {seen.clicked} to {most}"
    remedy = "Detect repeated clicks: see Traps in backend/README.md."
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
    remedy = "Detect a write's own first attempt: see backend/dynamodb_adapter.py."
    yield expect(place, "the answer", repeated.status, usual.status, remedy)
    for fact in {**usual.facts, **repeated.facts}:
        yield expect(place, fact, repeated.facts.get(fact), usual.facts.get(fact), remedy)
    yield _cost(place, usual, repeated)


def _cost(place: Resource, usual: Outcome, repeated: Outcome) -> Finding:
    """The fault was injected as intended, and idempotency costs no extra call."""
    right = (usual.calls, usual.spoiled) == (1, 0) and (repeated.calls, repeated.spoiled) == (1, 1)
    failed = f"{usual.spoiled} and then {repeated.spoiled} attempts failed"
    text = f"{failed}, of {usual.calls} and then {repeated.calls} calls"
    return judge(place, right, text, "Make one call, also when its first attempt fails.")
