"""Checks of the application under load and throttling: latency, errors, DynamoDB calls, logs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from verification.model.contract import LoadRule
from verification.model.findings import Finding, Subject, expect, judge, missing
from verification.model.smoke.faults import Reply, ThrottlingSeen
from verification.model.smoke.load import Endpoint, LoadSeen, p95
from verification.model.stack import Resource

# The DynamoDB calls of each kind of request; a redirect looks for the link before it counts.
CALLS = {
    "status": ("GetItem users",),
    "redirect": ("GetItem urls", "UpdateItem urls"),
    "shorten": ("PutItem urls",),
    "list": ("Query urls",),
}
_ERROR_LEVELS = frozenset({"ERROR", "CRITICAL"})
_LEAKS = ("Traceback", "botocore", 'File "', "dynamodb", "Exception")
_USE = {
    "start the trial": 201,
    "start it again": 409,
    "shorten": 201,
    "shorten an invalid URL": 400,
    "follow": 302,
    "delete": 204,
    "follow a deleted link": 404,
    "request without a token": 401,
    "the page": 200,
}


def answers_in_time(seen: LoadSeen, rule: LoadRule) -> list[Finding]:
    """Under the contract's load no request fails, and p95 of each kind is within the limit.

    Unknown if bare calls to the same AWS at the same time show that the machine is too slow.
    """
    place, bare = Resource(address="load"), p95(seen.bare)
    findings = [judge(place, False, problem) for problem in seen.problems]
    found = {endpoint.name: endpoint for endpoint in seen.endpoints}
    findings += [missing("load", f"the request {name}") for name in CALLS if name not in found]
    findings += [in_time(endpoint, rule, bare) for endpoint in seen.endpoints]
    total = sum(endpoint.requests for endpoint in seen.endpoints)
    text = f"{rule.users} users made {total} requests in {rule.seconds} s"
    if total >= rule.minimum_requests:
        return [*findings, judge(place, True, f"{text}; p95 of bare calls is {bare:.0f} ms")]
    text += f"; expected at least {rule.minimum_requests}"
    each = rule.users * rule.seconds * 1000 / max(total, 1)
    return [*findings, _slow(place, text, each, rule, bare)]


def in_time(endpoint: Endpoint, rule: LoadRule, bare: float) -> Finding:
    """All requests of a kind succeed, 95 of 100 in time; `bare` is the p95 of bare calls, in ms."""
    text = (
        f"{endpoint.failures} of {endpoint.requests} requests failed; "
        f"p50 is {endpoint.p50:.0f} ms, p95 is {endpoint.p95:.0f} ms"
    )
    if endpoint.failures or not endpoint.p95:
        return judge(endpoint, False, f"{text}; expected no failures")
    if endpoint.p95 <= rule.p95_milliseconds:
        return judge(endpoint, True, text)
    text += f"; expected at most {rule.p95_milliseconds:.0f} ms"
    return _slow(endpoint, text, endpoint.p95, rule, bare)


def _slow(place: Subject, text: str, taken: float, rule: LoadRule, bare: float) -> Finding:
    """A request that took too long; unknown if bare calls were slow, too."""
    calls = f"p95 of bare calls to the same AWS was {bare:.0f} ms at that time"
    if taken <= rule.p95_bare_calls * bare:
        reason = f"{text}; but {calls}, so this machine is too slow to decide. Use an idle machine"
        return judge(place, None, reason)
    remedy = "Find what the backend waits for: its log has the duration of each request."
    return judge(place, False, f"{text}; {calls}", remedy)


def is_not_throttled(seen: LoadSeen) -> list[Finding]:
    """DynamoDB throttled and failed no request during the load."""
    remedy = "Use on-demand billing, and distribute the partition keys."
    findings = []
    for table in seen.tables:
        if not table.used:
            findings.append(missing(table.name, f"recorded use ({table.unit})"))
            continue
        text = (
            f"{table.used:g} {table.unit}, {table.throttled:g} throttled requests, "
            f"{table.failed:g} system errors"
        )
        findings.append(judge(table, not (table.throttled or table.failed), text, remedy))
    return findings


def makes_its_calls(seen: LoadSeen) -> list[Finding]:
    """Each request of the load makes its DynamoDB calls, once each, and no others are made."""
    made = Counter(f"{call.operation} {call.table.rpartition('-')[2]}" for call in seen.calls)
    findings = [
        judge(endpoint, made[call] == endpoint.requests, f"{text} for {endpoint.requests} requests")
        for endpoint in seen.endpoints
        for call in CALLS.get(endpoint.name, ())
        for text in [f"{made[call]} calls of {call}"]
    ]
    needed = {call for calls in CALLS.values() for call in calls}
    others = {call: count for call, count in made.items() if call not in needed}
    place = Resource(address="load")
    return findings + [
        judge(place, False, f"{count} calls of {call}, which no request needs")
        for call, count in others.items()
    ]


def normal_use_is_served(seen: LoadSeen) -> list[Finding]:
    """After the load, valid and invalid requests are answered as documented."""
    return [
        expect(Resource(address=asked), "the answer", seen.use.get(asked), status)
        for asked, status in _USE.items()
    ]


def logs_no_error(logs: Sequence[str]) -> list[Finding]:
    """Every log line of the tasks is JSON with a level, and none is an error."""
    findings = []
    for number, line in enumerate(logs, start=1):
        place = Resource(address=f"log line {number}")
        entry = _entry(line)
        if entry is None:
            findings.append(judge(place, False, f"is not JSON with a level: {line[:200]}"))
        elif entry["level"] in _ERROR_LEVELS:
            findings.append(judge(place, False, f"is an error: {line[:500]}"))
    if logs and not findings:
        text = f"{len(logs)} lines are JSON, and none is an error"
        findings.append(judge(Resource(address="logs"), True, text))
    return findings


def logs_the_failure(seen: ThrottlingSeen) -> list[Finding]:
    """Negative control: failed requests left error lines, and there were none before."""
    new = [_entry(line) for line in seen.logs[len(seen.logs_before) :]]
    errors = [entry for entry in new if entry and entry["level"] in _ERROR_LEVELS]
    refused = sum(reply.status >= 500 for reply in seen.sustained.replies)
    text = f"{len(errors)} error lines for {refused} failed requests"
    enough = bool(refused) and len(errors) >= refused
    return [judge(Resource(address="logs"), enough, text), *logs_no_error(seen.logs_before)]


def hides_brief_throttling(seen: ThrottlingSeen) -> list[Finding]:
    """Throttling within the retry budget happens, and users see no error then or later."""
    happened = f"DynamoDB throttled {seen.brief.refused} calls"
    findings = [judge(Resource(address="brief throttling"), seen.brief.refused > 0, happened)]
    for reply in (*seen.brief.replies, *seen.after.replies):
        good = reply.status in (201, 302)
        findings.append(judge(reply, good, f"answered {reply.status}{_but(good, '201 or 302')}"))
    return findings


def admits_long_throttling(seen: ThrottlingSeen) -> list[Finding]:
    """Throttling above the retry budget is answered 503 with Retry-After and no internals."""
    happened = f"DynamoDB throttled {seen.sustained.refused} calls"
    findings = [judge(Resource(address="long throttling"), seen.sustained.refused > 0, happened)]
    for reply in seen.sustained.replies:
        findings += [is_unavailable(reply), _leaks_nothing(reply)]
    return findings


def is_unavailable(reply: Reply) -> Finding:
    """A service that cannot answer says 503, and in how many seconds to come back."""
    good = reply.status == 503 and reply.retry_after.isdigit() and int(reply.retry_after) > 0
    text = f"answered {reply.status}, Retry-After is {reply.retry_after or 'not set'}"
    return judge(reply, good, text + _but(good, "503 with a number of seconds"))


def _leaks_nothing(reply: Reply) -> Finding:
    leaks = [word for word in _LEAKS if word.lower() in reply.body.lower()]
    text = f"the body contains {', '.join(leaks)}" if leaks else "the body contains no internals"
    return judge(reply, not leaks and bool(reply.body), text if reply.body else "the body is empty")


def _but(good: bool, wanted: str) -> str:
    return "" if good else f"; expected {wanted}"


def _entry(line: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and isinstance(entry.get("level"), str) else None
