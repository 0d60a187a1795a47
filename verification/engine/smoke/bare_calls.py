"""A yardstick for response times: bare calls to the same AWS at the same time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from botocore.exceptions import BotoCoreError, ClientError

from verification.engine.smoke.stage import Stage
from verification.engine.system.concurrency import meanwhile

_INTERVAL = 100.0  # milliseconds between two calls


def as_asked_steadily(taken: float, interval: float = _INTERVAL) -> list[float]:
    """The waiting times in ms of calls at each interval, while one call takes so many ms.

    A client that waits for each answer makes one call while the machine stalls; many users make
    many, and see the stall in their tail. This is the correction for coordinated omission, as in
    HdrHistogram's recordValueWithExpectedInterval (https://github.com/HdrHistogram/HdrHistogram).
    """
    return [taken, *(taken - late * interval for late in range(1, int(taken // interval) + 1))]


@contextmanager
def bare_calls(stage: Stage) -> Iterator[list[float]]:
    """Read one item again and again during the block; the list has the durations in ms.

    They are corrected by `as_asked_steadily`. What makes these calls slow makes every request slow,
    whatever the backend does.
    """
    client, name = stage.client("dynamodb"), str(stage.outputs["users_table_name"])
    milliseconds: list[float] = []

    def call() -> None:
        before = time.perf_counter()
        # Failed calls count with their duration, too.
        with suppress(BotoCoreError, ClientError):
            client.get_item(TableName=name, Key={"user_id": {"S": "yardstick"}})
        milliseconds.extend(as_asked_steadily((time.perf_counter() - before) * 1000))

    with meanwhile(call, pause=_INTERVAL / 1000):
        yield milliseconds
