"""Progress: the running steps and their durations, while the main thread waits."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from typing import Any

from verification.engine.run.schedule import Schedule
from verification.model.results import Step

_TICK = 0.2
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_REMIND = 15


class Progress:
    """Shows steps while the main thread waits: one live line in a terminal, else plain lines.

    It writes only during a wait, so that it does not interfere with pytest's output.

    Args:
        schedule: the schedule with the steps.
        write: writes text to the terminal.
        live: whether that terminal understands control characters.
        width: its number of columns.
    """

    def __init__(
        self, schedule: Schedule, write: Callable[[str], None], live: bool, width: int
    ) -> None:
        self._schedule = schedule
        self._write = write
        self._live = live
        self._width = width
        self._started = time.monotonic()
        self._told: set[int] = set()
        self._frames = itertools.cycle(_SPINNER)

    def wait(self, future: Future[Any]) -> Any:
        """Wait for a job's result and show progress; raises the job's exception."""
        if not future.done():
            self._begin()
            while not self._done(future):
                self._paint()
            self._end()
        return future.result()

    def _done(self, future: Future[Any]) -> bool:
        try:
            future.exception(timeout=_TICK)
        except NotYet:
            return False
        return True

    def _begin(self) -> None:
        self._write("\n")
        self._reminded = time.monotonic()

    def _paint(self) -> None:
        self._tell_finished()
        if self._live:
            running = " · ".join(f"{s.name} {s.elapsed:.0f} s" for s in self._schedule.running())
            line = f"{next(self._frames)} {self._clock()} {running}"
            self._write(f"\r\x1b[K{line[: self._width - 1]}")
        elif time.monotonic() - self._reminded > _REMIND:
            self._reminded = time.monotonic()
            for step in self._schedule.running():
                self._write(f"  {self._clock()} {step.name}: running for {step.elapsed:.0f} s\n")

    def _end(self) -> None:
        if self._live:
            self._write("\r\x1b[K")
        self._tell_finished()

    def _tell_finished(self) -> None:
        for number, step in enumerate(list(self._schedule.steps)):
            if step.seconds is not None and number not in self._told:
                self._told.add(number)
                self._write(self._finished(step))

    def _finished(self, step: Step) -> str:
        clear = "\r\x1b[K" if self._live else ""
        failed = " and failed" if step.failed else ""
        return f"{clear}  {self._clock()} {step.name}: took {step.elapsed:.1f} s{failed}\n"

    def _clock(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self._started), 60)
        return f"{minutes:02}:{seconds:02}"
