"""Jobs that run once each, in background threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from verification.engine.errors import EngineError
from verification.engine.run.breakage import broken
from verification.model.results import Step

_LOOK_AGAIN = 1.0


class Schedule:
    """Runs each job once, in a separate thread, and stores its result.

    A job may request the results of others, which starts them if needed. An unexpected exception in
    a job becomes a ToolError with the job's name.

    Args:
        name: a prefix of its steps, if there are several schedules.
        steps: the list of steps.
        logs: the folder for tracebacks of failed jobs; None for none.
    """

    def __init__(
        self, name: str = "", steps: list[Step] | None = None, logs: Path | None = None
    ) -> None:
        self._prefix = f"{name}: " if name else ""
        self._logs = logs
        self._futures: dict[tuple[str, str], Future[Any]] = {}
        self._guard = threading.Lock()
        self.steps: list[Step] = [] if steps is None else steps

    def start(self, name: str, argument: str, job: Callable[[], Any]) -> Future[Any]:
        """Start a job unless it was started before; returns its future."""
        key = (name, argument)
        with self._guard:
            if key in self._futures:
                return self._futures[key]
            future: Future[Any] = Future()
            self._futures[key] = future
        # A daemon thread, so that an interrupted run does not wait for it.
        threading.Thread(
            target=self._run, args=(future, job, key), name=f"{name} {argument}", daemon=True
        ).start()
        return future

    def _run(self, future: Future[Any], job: Callable[[], Any], key: tuple[str, str]) -> None:
        try:
            future.set_result(job())
        except EngineError as error:
            future.set_exception(error)
        except Exception as error:
            name, argument = key
            future.set_exception(broken(self._prefix + name, argument, error, self._logs))
        except BaseException as error:
            future.set_exception(error)

    def find(self, name: str, argument: str = "") -> Future[Any] | None:
        """A job's future, if it was started."""
        return self._futures.get((name, argument))

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure and show a step of a job, without the time spent waiting for other jobs."""
        step = Step(self._prefix + name, time.monotonic())
        self.steps.append(step)
        try:
            yield
        except BaseException:
            step.failed = True
            raise
        finally:
            step.seconds = time.monotonic() - step.started

    def beside(self, name: str) -> Schedule:
        """A schedule with separate jobs, whose steps are added to this one's."""
        return Schedule(name, self.steps, self._logs)

    def running(self) -> list[Step]:
        """The running steps, longest first."""
        return [step for step in list(self.steps) if step.seconds is None]


class Turns:
    """Limits how many threads do something at a time; waiting threads proceed by rank.

    A semaphore has no order, and a long scenario that starts last would make the run longer.

    Args:
        places: returns the current limit; called again once a second.
    """

    def __init__(self, places: Callable[[], int]) -> None:
        self._places = places
        self._taken = 0
        self._alone = False
        self._waiting: list[int] = []
        self._changed = threading.Condition()

    @contextmanager
    def take(self, rank: int, alone: bool = False) -> Iterator[None]:
        """Wait for a turn, and release it after the block.

        Args:
            rank: lower ranks proceed first.
            alone: wait until there are no other turns, and block others meanwhile.
        """
        with self._changed:
            self._waiting.append(rank)
            while not self._may_go(rank, alone):
                self._changed.wait(_LOOK_AGAIN)
            self._waiting.remove(rank)
            self._taken += 1
            self._alone = alone
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._taken -= 1
                self._alone = False
                self._changed.notify_all()

    def _may_go(self, rank: int, alone: bool) -> bool:
        if self._alone or rank != min(self._waiting):
            return False
        return not self._taken or (not alone and self._taken < self._places())
