"""Checks of an outage of DynamoDB, and of one throttled link."""

from __future__ import annotations

from verification.checks.smoke.load import in_time, is_unavailable
from verification.model.contract import LoadRule
from verification.model.findings import Finding, judge, missing
from verification.model.smoke.faults import HotLinkSeen, Reply, StoreAwaySeen
from verification.model.smoke.load import p95
from verification.model.stack import Resource

_REMEDY = (
    "ECS replaces tasks that fail the load balancer's health check. Set its path to one that does "
    "not depend on the store."
)
_TASKS, _TARGETS = Resource(address="the tasks"), Resource(address="the targets")


def tasks_outlive_the_store(seen: StoreAwaySeen) -> list[Finding]:
    """The outage stops no task, and all targets stay healthy."""
    happened = f"DynamoDB failed {seen.refused} calls in {seen.seconds:.0f} s"
    gone = sorted(seen.tasks_before - seen.tasks_after)
    why = f": {'; '.join(seen.stopped)}" if seen.stopped else ""
    lived = f"{len(gone)} of {len(seen.tasks_before)} stopped{why}"
    healthy = bool(seen.targets) and set(seen.targets) == {"healthy"}
    return [
        judge(Resource(address="the outage"), seen.refused > 0, happened),
        judge(_TASKS, bool(seen.tasks_before) and not gone and not seen.stopped, lived, _REMEDY),
        judge(_TARGETS, healthy, f"were {', '.join(seen.targets) or 'none'}", _REMEDY),
    ]


def an_outage_is_admitted(seen: StoreAwaySeen) -> list[Finding]:
    """During the outage every answer is 503 with Retry-After; after it, none is."""
    if not seen.during or not seen.after:
        return [missing("the service", "an answer during and after the outage")]
    return [
        *(is_unavailable(reply) for reply in dict.fromkeys(seen.during)),
        *map(_is_served, seen.after),
    ]


def _is_served(reply: Reply) -> Finding:
    good = reply.status in (200, 302)
    return judge(reply, good, f"answered {reply.status}{'' if good else '; expected 200 or 302'}")


def one_link_slows_no_other(seen: HotLinkSeen, rule: LoadRule) -> list[Finding]:
    """While DynamoDB throttles one link, other requests stay within the load's response times.

    Unknown if bare calls to the same AWS at that time show that the machine is too slow.
    """
    happened = f"DynamoDB throttled {seen.throttled} calls"
    found = judge(Resource(address="the throttled link"), seen.throttled > 0, happened)
    if not seen.others:
        return [found, missing("the other requests", "a response time")]
    return [found, *(in_time(other, rule, p95(seen.bare)) for other in seen.others)]
