"""Whether this task can serve: the last look at the store, shared by everybody who asks."""

from __future__ import annotations

import mmap
import threading
import time
from collections.abc import Callable

from backend.store import StoreUnavailable

# Several load balancer nodes send health checks at once; failures are cached for a shorter time.
READY_SECONDS = 5.0
NOT_READY_SECONDS = 1.0


class Readiness:
    """Remembers the outcome of `check` (raises StoreUnavailable) for some seconds.

    That the store once answered is remembered for good, by all workers that gunicorn forks.
    """

    def __init__(
        self, check: Callable[[], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._check = check
        self._clock = clock
        self._lock = threading.Lock()
        self._problem: StoreUnavailable | None = None
        self._until: float | None = None
        self._has_started = mmap.mmap(-1, 1)

    def problem(self) -> StoreUnavailable | None:
        """Why the store cannot be used, or None if it can."""
        with self._lock:
            if self._until is None or self._clock() >= self._until:
                self._problem = self._look()
                seconds = NOT_READY_SECONDS if self._problem else READY_SECONDS
                self._until = self._clock() + seconds
            return self._problem

    def start_problem(self) -> StoreUnavailable | None:
        """Why no worker of this task ever reached the store, or None once one has."""
        return None if self._has_started[0] else self.problem()

    def _look(self) -> StoreUnavailable | None:
        try:
            self._check()
        except StoreUnavailable as error:
            return error
        self._has_started[0] = 1
        return None
