"""Checks of the quick rollback to SQLite and back, and of the complete rollback."""

from __future__ import annotations

from verification.model.findings import Finding, expect, judge, missing
from verification.model.smoke.observations import CompleteRollbackSeen, QuickRollbackSeen
from verification.model.stack import Resource

_AFTERWARDS = {
    "ready": 200,
    "status": 200,
    "start trial": 201,
    "shorten": 201,
    "redirect": 302,
    "list": 200,
    "delete": 204,
}


def switches_away(seen: QuickRollbackSeen) -> list[Finding]:
    """After use_dynamodb = false and a deploy, the service is ready on SQLite."""
    place = Resource(address="use_dynamodb = false")
    remedy = "Select the store by USE_DYNAMODB: see backend/config.py."
    return [
        expect(place, "the deploy's exit code", seen.codes[0], 0),
        expect(place, "/ready", seen.ready, 200),
        expect(place, "trial_used", seen.on_sqlite.get("trial_used"), False, remedy),
        expect(place, "the answer to a start", seen.started, 201, remedy),
    ]


def switches_back(seen: QuickRollbackSeen) -> list[Finding]:
    """After use_dynamodb = true and a deploy, the earlier trial is available again."""
    place = Resource(address="use_dynamodb = true")
    if not seen.before.get("trial_used"):
        return [missing(place.address, "a trial started before the rollback")]
    return [
        expect(place, "the deploy's exit code", seen.codes[1], 0),
        expect(place, "the trial's fields", dict(seen.after), dict(seen.before)),
    ]


def lets_go_of_the_tables(seen: CompleteRollbackSeen) -> list[Finding]:
    """After the quick rollback no task calls DynamoDB, so the tables can be removed."""
    place = Resource(address="tasks on SQLite")
    first = f", such as {seen.calls[0]}" if seen.calls else ""
    text = f"{seen.requests} requests made {len(seen.calls)} DynamoDB calls{first}"
    remedy = "Do not call DynamoDB while USE_DYNAMODB is false."
    return [
        expect(place, "the deploy's exit code", seen.code, 0),
        judge(place, not seen.calls and seen.requests > 0, text, remedy),
    ]


def works_without_tables(seen: CompleteRollbackSeen) -> list[Finding]:
    """With both tables deleted, new tasks start and answer every request."""
    left = f"{', '.join(seen.left)} still exists" if seen.left else "both are deleted"
    findings = [judge(Resource(address="the tables"), not seen.left, left)]
    return findings + [
        expect(Resource(address=f"{what} without tables"), "the answer", seen.answers.get(what), ok)
        for what, ok in _AFTERWARDS.items()
    ]
