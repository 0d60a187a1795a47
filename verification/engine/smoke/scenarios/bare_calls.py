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

_BARE_PAUSE = 0.1  # seconds between two calls


class BareCalls:
    """During the block the same AWS is asked for one item, again and again.

    `milliseconds` holds how long each call took. What makes these slow makes every request slow,
    whatever the backend does.
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
        while not self._over.wait(_BARE_PAUSE):
            before = time.perf_counter()
            # One that is refused or lost took as long as it took.
            with suppress(BotoCoreError, ClientError):
                self._get_item()
            self.milliseconds.append((time.perf_counter() - before) * 1000)
