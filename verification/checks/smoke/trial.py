"""The trial as seen from outside: thirty days, once, for its user only, at one call a request."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from verification.model.findings import Finding, expect, judge
from verification.model.observations import CallsSeen, RaceSeen, Status, StrangersSeen, TrialSeen
from verification.model.stack import Resource

LENGTH = timedelta(days=30)
_UNUSED = {
    "tier": "free",
    "trial_used": False,
    "trial_started_at": None,
    "trial_expires_at": None,
    "trial_days_remaining": 0,
}
# What each frequent request may cost: one call, and which.
COSTS = {
    "status": ("GetItem", "users"),
    "start trial": ("UpdateItem", "users"),
    "shorten": ("PutItem", "urls"),
    "redirect": ("UpdateItem", "urls"),
}


def begins_unused(seen: TrialSeen) -> list[Finding]:
    """A new user has the free tier and a trial that was never used."""
    user = Resource(address="a new user")
    return [expect(user, name, seen.before.get(name), value) for name, value in _UNUSED.items()]


def runs_thirty_days(seen: TrialSeen) -> list[Finding]:
    """A start is answered 201; the trial is premium from then on, for exactly thirty days."""
    user, status = Resource(address="a running trial"), seen.running
    length = _length(status)
    remedy = "TRIAL_LENGTH in backend/user_management.py says how long."
    return [
        expect(Resource(address="POST /api/me/trial"), "the answer", seen.start, 201),
        expect(user, "tier", status.get("tier"), "premium"),
        expect(user, "trial_used", status.get("trial_used"), True),
        expect(user, "trial_days_remaining", status.get("trial_days_remaining"), 30, remedy),
        judge(user, length == LENGTH, f"it lasts {length}, of {LENGTH}", remedy),
    ]


def starts_once(seen: TrialSeen) -> list[Finding]:
    """A second start is refused, while the trial runs and long after it is over."""
    remedy = "The write that starts a trial needs attribute_not_exists(trial_started_at)."
    starts = {"a second start": seen.again, "a start after expiry": seen.late}
    return [
        expect(Resource(address=what), "the answer", status, 409, remedy)
        for what, status in starts.items()
    ]


def ends(seen: TrialSeen) -> list[Finding]:
    """Past its expiry the trial is over: free tier, no days left, still used."""
    wanted = {"tier": "free", "trial_used": True, "trial_days_remaining": 0}
    user = Resource(address="a trial that expired")
    return [expect(user, name, seen.over.get(name), value) for name, value in wanted.items()]


def strangers_are_refused(seen: TrialSeen | StrangersSeen) -> list[Finding]:
    """Nobody sees a trial without a valid token of the pool for this very client."""
    remedy = "Verify signature, issuer, audience and expiry in backend/identity.py."
    return [
        expect(Resource(address=f"GET /api/me/trial with {who}"), "the answer", status, 401, remedy)
        for who, status in seen.strangers.items()
    ]


def one_start_wins(seen: RaceSeen) -> list[Finding]:
    """Of simultaneous starts of one user exactly one wins, and all others are told 409."""
    findings = []
    for number, (answers, runs) in enumerate(zip(seen.answers, seen.running, strict=True), 1):
        counted = dict(sorted(Counter(answers).items()))
        right = counted == {201: 1, 409: len(answers) - 1} and runs
        state = "runs" if runs else "does not run"
        told = ", ".join(f"{count} x {status}" for status, count in counted.items())
        text = f"{len(answers)} simultaneous starts got {told}; the trial {state}"
        remedy = "Exactly one must get 201: decide it by one conditional write."
        findings.append(judge(Resource(address=f"round {number}"), right, text, remedy))
    return findings


def each_costs_one_call(seen: CallsSeen) -> list[Finding]:
    """Status, start, shorten and redirect make one DynamoDB call each, and the right one."""
    findings = []
    for request, (operation, table) in COSTS.items():
        calls = Counter(seen.calls.get(request, ()))
        right = calls.total() == seen.requests and all(
            call.startswith(f"{operation} ") and call.endswith(f"-{table}") for call in calls
        )
        told = ", ".join(f"{count} x {call}" for call, count in calls.items()) or "no call"
        text = f"{seen.requests} requests made {told}"
        remedy = f"Each must make one {operation} on the {table} table."
        findings.append(judge(Resource(address=request), right, text, remedy))
    return findings


def _length(status: Status) -> timedelta | None:
    dates = [status.get(name) for name in ("trial_started_at", "trial_expires_at")]
    if not all(isinstance(date, str) for date in dates):
        return None
    start, end = (datetime.fromisoformat(str(date)) for date in dates)
    return end - start
