"""Checks of the trial through the API: 30 days, once, per user; and of each request's calls."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from verification.model.findings import Finding, expect, judge
from verification.model.smoke.observations import (
    CallsSeen,
    RaceSeen,
    Status,
    StrangersSeen,
    TrialSeen,
)
from verification.model.stack import Resource

LENGTH = timedelta(days=30)
_UNUSED = {
    "tier": "free",
    "trial_used": False,
    "trial_started_at": None,
    "trial_expires_at": None,
    "trial_days_remaining": 0,
}
# The DynamoDB calls that each request may make. A code that does not exist costs no write.
COSTS = {
    "status": ("GetItem users",),
    "start trial": ("UpdateItem users",),
    "shorten": ("PutItem urls",),
    "redirect": ("GetItem urls", "UpdateItem urls"),
    "unknown code": ("GetItem urls",),
}


def begins_unused(seen: TrialSeen) -> list[Finding]:
    """A new user has the free tier and an unused trial."""
    user = Resource(address="a new user")
    return [expect(user, name, seen.before.get(name), value) for name, value in _UNUSED.items()]


def runs_thirty_days(seen: TrialSeen) -> list[Finding]:
    """A start is answered 201, and the trial is premium for exactly 30 days."""
    user, status = Resource(address="a running trial"), seen.running
    length = _length(status)
    remedy = "See TRIAL_LENGTH in backend/user_management.py."
    return [
        expect(Resource(address="POST /api/me/trial"), "the answer", seen.start, 201),
        expect(user, "tier", status.get("tier"), "premium"),
        expect(user, "trial_used", status.get("trial_used"), True),
        expect(user, "trial_days_remaining", status.get("trial_days_remaining"), 30, remedy),
        judge(user, length == LENGTH, f"it lasts {length}; expected {LENGTH}", remedy),
    ]


def starts_once(seen: TrialSeen) -> list[Finding]:
    """A second start is answered 409, during the trial and after it."""
    remedy = "Start a trial with the condition attribute_not_exists(trial_started_at)."
    starts = {"a second start": seen.again, "a start after expiry": seen.late}
    return [
        expect(Resource(address=what), "the answer", status, 409, remedy)
        for what, status in starts.items()
    ]


def ends(seen: TrialSeen) -> list[Finding]:
    """After its expiry the trial is over: free tier, no days left, still used."""
    wanted = {"tier": "free", "trial_used": True, "trial_days_remaining": 0}
    user = Resource(address="a trial that expired")
    return [expect(user, name, seen.over.get(name), value) for name, value in wanted.items()]


def strangers_are_refused(seen: TrialSeen | StrangersSeen) -> list[Finding]:
    """Requests without a valid token of this pool and client are answered 401."""
    remedy = "Verify signature, issuer, audience and expiry in backend/identity.py."
    return [
        expect(Resource(address=f"GET /api/me/trial with {who}"), "the answer", status, 401, remedy)
        for who, status in seen.strangers.items()
    ]


def one_start_wins(seen: RaceSeen) -> list[Finding]:
    """Exactly one of a user's concurrent starts is answered 201, the others 409."""
    findings = []
    for number, (answers, runs) in enumerate(zip(seen.answers, seen.running, strict=True), 1):
        counted = dict(sorted(Counter(answers).items()))
        right = counted == {201: 1, 409: len(answers) - 1} and runs
        state = "runs" if runs else "does not run"
        told = ", ".join(f"{count} x {status}" for status, count in counted.items())
        text = f"{len(answers)} concurrent starts got {told}; the trial {state}"
        remedy = "Start the trial with one conditional write."
        findings.append(judge(Resource(address=f"round {number}"), right, text, remedy))
    return findings


def each_costs_its_calls(seen: CallsSeen) -> list[Finding]:
    """Each request makes its DynamoDB calls, once each and in order, and no others."""
    findings = []
    for request, wanted in COSTS.items():
        calls = [_short(call) for call in seen.calls.get(request, ())]
        told = ", ".join(f"{count} x {call}" for call, count in Counter(calls).items())
        text = f"{seen.requests} requests made {told or 'no call'}"
        remedy = f"Make one {' and one '.join(wanted)} per request."
        right = calls == [*wanted] * seen.requests
        findings.append(judge(Resource(address=request), right, text, remedy))
    return findings


def _short(call: str) -> str:
    """A call with its table's key instead of the table's name."""
    operation, _, table = call.partition(" ")
    return f"{operation} {table.rpartition('-')[2]}"


def _length(status: Status) -> timedelta | None:
    dates = [status.get(name) for name in ("trial_started_at", "trial_expires_at")]
    if not all(isinstance(date, str) for date in dates):
        return None
    start, end = (datetime.fromisoformat(str(date)) for date in dates)
    return end - start
