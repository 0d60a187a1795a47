"""The machine's speed: a fixed piece of work, timed once a second.

A busy or slow machine takes longer for everything. Time limits of the embedded AWS (health checks,
grace periods, deregistration) are multiplied by the same factor, so that events keep their order,
and fewer scenarios run in parallel.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

Found = TypeVar("Found")

USUAL_SECONDS = 0.025
"""The work's duration on a machine of factor 1: 0.022 s of CPU time, measured, plus a margin."""
_REMEMBERED = 5
_SLOWEST = 60.0
_PASSED = ("PATH", "LD_LIBRARY_PATH")
# Works, prints the duration, and sleeps; ends with its standard input.
_WORK = """
import select, sys, time
while True:
    before = time.perf_counter()
    for _ in range(2_000_000):
        pass
    print(time.perf_counter() - before, flush=True)
    if select.select([sys.stdin], [], [], 1.0)[0]:
        break
"""


@dataclass(frozen=True)
class Pace:
    """The slowness factors of a run: median and maximum."""

    middle: float
    worst: float


class Yardstick:
    """Times the work in a separate process, until it is stopped.

    Args:
        usual: the work's duration in seconds on a machine of factor 1.
    """

    def __init__(self, usual: float = USUAL_SECONDS) -> None:
        self._usual = usual
        self._last: deque[float] = deque(maxlen=_REMEMBERED)
        self._all: list[float] = []
        self._first = threading.Event()
        self._process = subprocess.Popen(
            [sys.executable, "-ISc", _WORK],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={name: os.environ[name] for name in _PASSED if name in os.environ},
            text=True,
            start_new_session=True,  # else Ctrl-C would end it, with a traceback
        )
        threading.Thread(target=self._read, name="yardstick", daemon=True).start()

    def slowness(self) -> float:
        """The current slowness factor: the maximum of the last seconds.

        At least 1, at most 60; 1 if the work could not be timed.
        """
        self._first.wait(30)
        return min(max(self._last, default=1.0), _SLOWEST)

    def pace(self) -> Pace:
        """The factors of all measurements so far."""
        found = sorted(self._all) or [1.0]
        return Pace(found[len(found) // 2], found[-1])

    def stop(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._note(float(line) / self._usual)
        self._first.set()

    def _note(self, factor: float) -> None:
        self._all.append(factor)
        self._last.append(max(factor, 1.0))
        self._first.set()


_guard = threading.Lock()
_shared: list[Yardstick] = []


def slowness() -> float:
    """The slowness of this machine, by a shared yardstick; see `Yardstick.slowness`."""
    with _guard:
        if not _shared:
            _shared.append(Yardstick())
    return _shared[0].slowness()


def pace() -> Pace:
    """The shared yardstick's factors so far; 1 if it was not used."""
    with _guard:
        return _shared[0].pace() if _shared else Pace(1.0, 1.0)


def stop() -> None:
    """End the shared yardstick; the next call starts another."""
    with _guard:
        while _shared:
            _shared.pop().stop()


atexit.register(stop)


def until(look: Callable[[], Found], seconds: float, pause: float) -> Found:
    """Poll until there is a result, or a timeout; returns the last result.

    Args:
        look: returns the result, or a false value.
        seconds: the timeout on a machine of factor 1; longer on a slow one.
        pause: seconds between two polls.
    """
    left, looked = seconds, time.monotonic()
    while not (found := look()) and left >= 0:
        time.sleep(pause)
        now = time.monotonic()
        left, looked = left - (now - looked) / slowness(), now
    return found


def stretched(seconds: float) -> float:
    """A number of seconds, multiplied by the current slowness factor."""
    return seconds * slowness()
