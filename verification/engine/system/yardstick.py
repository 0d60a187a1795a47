"""How fast this machine is at this moment: a fixed piece of work, timed once a second.

A busy or slow machine takes longer for everything. What the embedded AWS does by the clock (health
checks, grace periods, deregistration) is stretched by the same factor, so that events keep their
order; and the number of scenarios that run at a time goes down.
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
"""What the work takes on a machine of factor 1: 0.022 s of processor, measured, and some slack."""
_REMEMBERED = 5
_SLOWEST = 60.0
_PASSED = ("PATH", "LD_LIBRARY_PATH")
# It works, tells how long that took, and rests; it ends with its standard input.
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
    """How many times longer than usual the work took in a run: in the middle, and at worst."""

    middle: float
    worst: float


class Yardstick:
    """Times the work in a process of its own, until it is stopped.

    Args:
        usual: seconds that the work takes on a machine of factor 1.
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
        """How many times longer than usual the work took lately, the worst of some seconds.

        At least 1, at most 60; 1 where the work could not be timed.
        """
        self._first.wait(30)
        return min(max(self._last, default=1.0), _SLOWEST)

    def pace(self) -> Pace:
        """All measurements so far, in two numbers."""
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
    """That of this machine, by one yardstick that all share; see `Yardstick.slowness`."""
    with _guard:
        if not _shared:
            _shared.append(Yardstick())
    return _shared[0].slowness()


def pace() -> Pace:
    """What the shared yardstick measured so far; factors of 1 if nobody asked it."""
    with _guard:
        return _shared[0].pace() if _shared else Pace(1.0, 1.0)


def stop() -> None:
    """End the shared yardstick; who asks again starts another."""
    with _guard:
        while _shared:
            _shared.pop().stop()


atexit.register(stop)


def until(look: Callable[[], Found], seconds: float, pause: float) -> Found:
    """Look again and again until there is something, or time is up; gives what was seen last.

    Args:
        look: gives what is waited for, or something false.
        seconds: how long to wait on a machine of factor 1; a slow one has more of them.
        pause: seconds between two looks.
    """
    left, looked = seconds, time.monotonic()
    while not (found := look()) and left >= 0:
        time.sleep(pause)
        now = time.monotonic()
        left, looked = left - (now - looked) / slowness(), now
    return found


def stretched(seconds: float) -> float:
    """So many seconds of a machine of factor 1, in seconds of this one at this moment."""
    return seconds * slowness()
