"""The bounded log of calls."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from threading import Condition
from typing import Any

from verification.engine.aws.emulator.protocol import Call

LIMIT = 100_000


class Recorder:
    """The last calls, numbered from 1 without gaps."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._changed = Condition()
        self._calls: deque[Call] = deque(maxlen=limit)
        self._last = 0
        self._running: set[object] = set()

    @contextmanager
    def call(self) -> Iterator[None]:
        """Mark a call as running; it is added before the block ends."""
        call = object()
        with self._changed:
            self._running.add(call)
        try:
            yield
        finally:
            with self._changed:
                self._running.remove(call)
                self._changed.notify_all()

    def add(self, make: Callable[[int], Call]) -> None:
        """Add the call that `make` creates from its number."""
        with self._changed:
            self._last += 1
            self._calls.append(make(self._last))

    def since(self, sequence: int) -> dict[str, Any]:
        """Return the calls after that number, and how many of them were dropped.

        Waits for running calls: a caller may have timed out, but the call still takes effect.
        """
        with self._changed:
            before = set(self._running)
            self._changed.wait_for(lambda: before.isdisjoint(self._running))
            calls = [call for call in self._calls if call.sequence > sequence]
            return {
                "calls": [asdict(call) for call in calls],
                "forgotten": max(0, self._last - sequence) - len(calls),
            }
