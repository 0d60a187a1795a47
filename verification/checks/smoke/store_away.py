"""An outage of the store ends no task: it is admitted, and over when the store is back."""

from __future__ import annotations

from verification.checks.smoke.load import is_unavailable
from verification.model.findings import Finding, judge, missing
from verification.model.stack import Resource
from verification.model.store_away import StoreAwaySeen

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
