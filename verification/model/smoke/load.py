"""Observations of the load, and of what AWS was asked meanwhile."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from verification.model.smoke.seen import Seen


def p95(milliseconds: Sequence[float]) -> float:
    """What 95 of 100 took at most; 0 where nothing was measured."""
    ordered = sorted(milliseconds)
    return ordered[math.ceil(len(ordered) * 0.95) - 1] if ordered else 0.0


@dataclass(frozen=True)
class Endpoint(Seen):
    """The result of one kind of request under load; times in milliseconds."""

    name: str
    requests: int
    failures: int
    p50: float
    p95: float

    @property
    def address(self) -> str:
        """The address in findings."""
        return self.name


@dataclass(frozen=True)
class AwsCall:
    """One AWS call of the backend as recorded by the emulator."""

    operation: str
    table: str
    status: int
    error: str


@dataclass(frozen=True)
class TableUse(Seen):
    """The use of a table during a load.

    Args:
        name: the table's name.
        used: the number of calls or capacity units.
        unit: which of the two.
        throttled: the number of throttled requests.
        failed: the number of requests with a system error of DynamoDB.
    """

    name: str
    used: float
    unit: str
    throttled: float
    failed: float

    @property
    def address(self) -> str:
        """The address in findings."""
        return self.name


@dataclass(frozen=True)
class LoadSeen:
    """What a load observed.

    Args:
        endpoints: one for each kind of request.
        problems: every failure that the load generator reports.
        calls: every DynamoDB call for a request of the load, in order; none if not recorded.
        tables: the use of each table.
        use: the status of each request of a normal use after the load.
        logs: every log line of the tasks.
        bare: the durations of bare calls to the same AWS, in milliseconds, in order.
    """

    endpoints: tuple[Endpoint, ...]
    problems: tuple[str, ...]
    calls: tuple[AwsCall, ...]
    tables: tuple[TableUse, ...]
    use: dict[str, int]
    logs: tuple[str, ...]
    bare: tuple[float, ...]
