"""What users and ECS saw while DynamoDB was away, or throttled one link."""

from __future__ import annotations

from dataclasses import dataclass

from verification.model.load_observations import Endpoint, Reply


@dataclass(frozen=True)
class StoreAwaySeen:
    """An outage of the store.

    Args:
        refused: calls of tasks that DynamoDB failed meanwhile.
        during: what was answered meanwhile, users and the readiness path alike.
        after: the same once the store was back.
        tasks_before: ARNs of the tasks that ran before the outage.
        tasks_after: ARNs of those that ran when it was over.
        targets: the state of each target of the load balancer at the outage's end.
        stopped: why tasks ended by themselves meanwhile.
        seconds: how long the store was away.
    """

    refused: int
    during: tuple[Reply, ...]
    after: tuple[Reply, ...]
    tasks_before: frozenset[str]
    tasks_after: frozenset[str]
    targets: tuple[str, ...]
    stopped: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class HotLinkSeen:
    """What others got while DynamoDB throttled the clicks of one link.

    Args:
        throttled: calls for that link that DynamoDB refused meanwhile.
        others: one for each kind of request that had nothing to do with that link.
        bare: how long bare calls to the same AWS took meanwhile, in milliseconds, in order.
    """

    throttled: int
    others: tuple[Endpoint, ...]
    bare: tuple[float, ...]
