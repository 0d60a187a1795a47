"""An outage of DynamoDB ends no task and is admitted; one throttled link slows no other."""

from __future__ import annotations

from verification.checks.smoke.load import in_time, is_unavailable
from verification.model.contract import LoadRule
from verification.model.findings import Finding, judge, missing
from verification.model.load_observations import p95
from verification.model.outages import HotLinkSeen, StoreAwaySeen
from verification.model.stack import Resource

_REMEDY = (
    "ECS replaces tasks that fail the load balancer's health check: let it ask a path that does "
    "not depend on the store."
)
_TASKS, _TARGETS = Resource(address="the tasks"), Resource(address="the targets")


def tasks_outlive_the_store(seen: StoreAwaySeen) -> list[Finding]:
    """The tasks that ran before the store was away are those that run after it, all healthy."""
    happened = f"DynamoDB failed {seen.refused} calls in {seen.seconds:.0f} s"
    gone = sorted(seen.tasks_before - seen.tasks_after)
    why = f": {'; '.join(seen.stopped)}" if seen.stopped else ""
    lived = f"{len(gone)} of {len(seen.tasks_before)} ended{why}"
    healthy = bool(seen.targets) and set(seen.targets) == {"healthy"}
    return [
        judge(Resource(address="the outage"), seen.refused > 0, happened),
        judge(_TASKS, bool(seen.tasks_before) and not gone and not seen.stopped, lived, _REMEDY),
        judge(_TARGETS, healthy, f"were {', '.join(seen.targets) or 'none'}", _REMEDY),
    ]


def an_outage_is_admitted(seen: StoreAwaySeen) -> list[Finding]:
    """Meanwhile every answer is 503 with Retry-After; afterwards none is."""
    if not seen.during or not seen.after:
        return [missing("the service", "an answer during the outage, or after it")]
    return [
        *(is_unavailable(reply) for reply in dict.fromkeys(seen.during)),
        *(
            judge(reply, reply.status in (200, 302), f"answered {reply.status}")
            for reply in seen.after
        ),
    ]


def one_link_slows_no_other(seen: HotLinkSeen, rule: LoadRule) -> list[Finding]:
    """While DynamoDB throttles one link, all other requests are served within the load's limit.

    Unknown where bare calls to the same AWS, made meanwhile, show that the machine is too slow.
    """
    happened = f"DynamoDB throttled {seen.throttled} calls"
    found = judge(Resource(address="the throttled link"), seen.throttled > 0, happened)
    if not seen.others:
        return [found, missing("the other links", "a request")]
    return [found, *(in_time(other, rule, p95(seen.bare)) for other in seen.others)]
