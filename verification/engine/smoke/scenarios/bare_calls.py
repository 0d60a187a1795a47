"""A yardstick for response times: bare calls to the same AWS at the same moment."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial
from threading import Event, Thread
from types import TracebackType
from typing import Self

from botocore.exceptions import BotoCoreError, ClientError

from verification.engine.smoke.scenarios.helpers import table
from verification.engine.smoke.stage import Stage

_INTERVAL = 100.0  # milliseconds between two calls


def as_asked_steadily(taken: float, interval: float = _INTERVAL) -> list[float]:
    """How long everybody waited who asked at each interval while one call took so long, in ms.

    Who asks one call after another asks once while a machine stands still, and many users all the
    time: they see a tail that the one does not. This is the correction for coordinated omission, as
    HdrHistogram's recordValueWithExpectedInterval makes it.
    """
    return [taken, *(taken - late * interval for late in range(1, int(taken // interval) + 1))]


class BareCalls:
    """During the block the same AWS is asked for one item, again and again.

    `milliseconds` holds how long calls took, as if asked at a steady pace. What makes these slow
    makes every request slow, whatever the backend does.
    """

    def __init__(self, stage: Stage) -> None:
        self._get_item = partial(
            stage.client("dynamodb").get_item,
            TableName=table(stage, "users"),
            Key={"user_id": {"S": "yardstick"}},
        )
        self._over = Event()
        self._thread = Thread(target=self._run)
        self.milliseconds: list[float] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(_INTERVAL / 1000):
            before = time.perf_counter()
            # One that is refused or lost took as long as it took.
            with suppress(BotoCoreError, ClientError):
                self._get_item()
            self.milliseconds += as_asked_steadily((time.perf_counter() - before) * 1000)
