"""Observations while DynamoDB was throttled or unavailable."""

from __future__ import annotations

from dataclasses import dataclass

from verification.model.smoke.load import Endpoint
from verification.model.smoke.seen import Seen


@dataclass(frozen=True)
class Reply(Seen):
    """An answer to a user during throttling or after it."""

    asked: str
    status: int
    retry_after: str
    body: str

    @property
    def address(self) -> str:
        """The address in findings."""
        return self.asked


@dataclass(frozen=True)
class Throttled:
    """Users' answers while DynamoDB throttled writes, and the number of throttled calls."""

    replies: tuple[Reply, ...]
    refused: int


@dataclass(frozen=True)
class ThrottlingSeen:
    """Throttling within the retry budget, above it, and after it, with the tasks' logs."""

    brief: Throttled
    sustained: Throttled
    after: Throttled
    logs_before: tuple[str, ...]
    logs: tuple[str, ...]


@dataclass(frozen=True)
class StoreAwaySeen:
    """An outage of DynamoDB.

    Args:
        refused: the number of the tasks' calls that failed.
        during: answers during the outage, to users and on the readiness path.
        after: answers after it.
        tasks_before: ARNs of the running tasks before it.
        tasks_after: ARNs of the running tasks after it.
        targets: the state of each load balancer target at its end.
        stopped: the reasons of tasks that stopped unexpectedly.
        seconds: its duration.
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
    """Other requests while DynamoDB throttled the clicks of one link.

    Args:
        throttled: the number of throttled calls for that link.
        others: response times of each kind of other request.
        bare: durations of bare calls to the same AWS at that time, in milliseconds.
    """

    throttled: int
    others: tuple[Endpoint, ...]
    bare: tuple[float, ...]
