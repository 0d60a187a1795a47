"""The bounded record of what was called."""

from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from threading import Lock
from typing import Any

from verification.engine.aws.emulator.protocol import Call

LIMIT = 100_000


class Recorder:
    """The last calls of one world, numbered from 1 without gaps."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._lock = Lock()
        self._calls: deque[Call] = deque(maxlen=limit)
        self._last = 0

    def add(self, make: Callable[[int], Call]) -> None:
        """Record the call that `make` makes of its number."""
        with self._lock:
            self._last += 1
            self._calls.append(make(self._last))

    def since(self, sequence: int) -> dict[str, Any]:
        """Return the calls after that number, and how many of them were forgotten."""
        with self._lock:
            calls = [call for call in self._calls if call.sequence > sequence]
            return {
                "calls": [asdict(call) for call in calls],
                "forgotten": max(0, self._last - sequence) - len(calls),
            }
