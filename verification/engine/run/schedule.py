"""Jobs that run once each, in the background, as soon as somebody will need them."""

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
    """Runs each job once, in a thread of its own, and remembers its result.

    A job may ask for the results of others: it then waits for them, and starts them if need be.
    One that breaks, by anything but an error of ours, raises a ToolError that names it.

    Args:
        name: what its steps are shown under, if it is not the only one.
        steps: where they are kept.
        logs: the folder for the tracebacks of jobs that break; None for nowhere.
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
        """Start a job unless it was started before; gives its future."""
        key = (name, argument)
        with self._guard:
            if key in self._futures:
                return self._futures[key]
            future: Future[Any] = Future()
            self._futures[key] = future
        # A daemon: a run that is interrupted must not wait for what its processes were doing.
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
        """Measure and show a step of a job: waiting for other jobs stays outside."""
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
        """A schedule with jobs of its own, whose steps stand among this one's."""
        return Schedule(name, self.steps, self._logs)

    def running(self) -> list[Step]:
        """The steps that run now, longest first."""
        return [step for step in list(self.steps) if step.seconds is None]


class Turns:
    """Lets so many at a time do something; of those that wait, the lowest rank goes first.

    A semaphore lets anyone go first, and a long scenario that starts last makes the run longer.

    Args:
        places: how many may do something at this moment; asked again once a second.
    """

    def __init__(self, places: Callable[[], int]) -> None:
        self._places = places
        self._taken = 0
        self._alone = False
        self._waiting: list[int] = []
        self._changed = threading.Condition()

    @contextmanager
    def take(self, rank: int, alone: bool = False) -> Iterator[None]:
        """Wait for a turn, and give it back with the block.

        Args:
            rank: who waits with a lower one goes first.
            alone: wait until nobody else has a turn, and let nobody have one meanwhile.
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
