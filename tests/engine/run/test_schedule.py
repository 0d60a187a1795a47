"""Jobs run once each, in the background, and everybody gets the same result."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

import pytest

from tests.kit import HANG
from verification.engine.errors import ToolError
from verification.engine.run.schedule import Schedule, Turns


def failing(error: BaseException) -> Callable[[], Any]:
    """Return a job that raises."""

    def job() -> None:
        raise error

    return job


def result(future: Future[Any]) -> Any:
    """Wait for a result, but not for ever."""
    return future.result(timeout=HANG)


@pytest.mark.parametrize(
    "error",
    [ToolError("broken"), KeyboardInterrupt(), SystemExit(1)],
    ids=lambda e: type(e).__name__,
)
def test_failure_reaches_everybody(error: BaseException) -> None:
    """Whatever a job raises is raised to everyone who asks, and the job does not run again."""
    schedule = Schedule()
    raised = []
    for _ in range(3):
        with pytest.raises(type(error)) as caught:
            result(schedule.start("job", "", failing(error)))
        raised.append(caught.value)
    assert all(one is error for one in raised)


def test_failure_reaches_who_waits() -> None:
    """A job that waits for a failing one fails with the very same error."""
    schedule = Schedule()
    error = ToolError("broken")
    waiting = schedule.start("outer", "", lambda: result(schedule.start("i", "", failing(error))))
    assert waiting.exception(timeout=HANG) is error


def test_job_runs_once() -> None:
    """A job that many ask for at the same time runs once."""
    schedule, ran = Schedule(), []

    def job() -> str:
        time.sleep(0.05)
        ran.append(threading.get_ident())
        return "done"

    results: list[str] = []
    askers = [
        threading.Thread(target=lambda: results.append(result(schedule.start("job", "", job))))
        for _ in range(20)
    ]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(HANG)
    assert (results, len(ran)) == (["done"] * 20, 1)


def test_jobs_differ_by_their_argument() -> None:
    """The same job for another environment is another job."""
    schedule = Schedule()
    futures = [schedule.start("plan", name, partial(str, name)) for name in ("dev", "prod")]
    assert [result(future) for future in futures] == ["dev", "prod"]


def test_start_does_not_wait() -> None:
    """Starting a job returns at once; it can be found from then on, and not before."""
    schedule, release = Schedule(), threading.Event()
    assert schedule.find("job") is None
    future = schedule.start("job", "", release.wait)
    assert schedule.find("job") is future
    assert not future.done()
    release.set()
    assert result(future) is True


def test_jobs_wait_for_jobs() -> None:
    """Jobs may wait for one another, many deep, in whatever order they are started."""
    schedule = Schedule()

    def job(number: int) -> int:
        below = number - 1
        return 1 + result(schedule.start("job", str(below), lambda: job(below))) if number else 0

    assert result(schedule.start("job", "30", lambda: job(30))) == 30


def test_jobs_are_daemons() -> None:
    """A job that never ends does not keep the run from ending."""
    schedule, release = Schedule(), threading.Event()
    schedule.start("endless", "dev", release.wait)
    (thread,) = [t for t in threading.enumerate() if t.name == "endless dev"]
    assert thread.daemon
    release.set()


def test_steps_are_measured() -> None:
    """A step shows as running while it runs, and its time stands still after it."""
    schedule = Schedule()
    with schedule.step("apply"):
        assert [step.name for step in schedule.running()] == ["apply"]
        time.sleep(0.05)
    (step,) = schedule.steps
    assert (schedule.running(), step.failed) == ([], False)
    assert step.seconds is not None
    assert 0.05 <= step.elapsed == step.seconds < HANG


@pytest.mark.parametrize("error", [ToolError, KeyboardInterrupt])
def test_failed_step_is_marked(error: type[BaseException]) -> None:
    """A step that raises has ended too, and says that it failed."""
    schedule = Schedule()
    with pytest.raises(error), schedule.step("apply"):
        raise error
    assert schedule.steps[0].failed
    assert schedule.running() == []


def test_the_lowest_rank_goes_first() -> None:
    """Of those that wait for a turn, the lowest rank gets it, whoever came first."""
    turns, went = Turns(lambda: 1), []

    def go(rank: int) -> None:
        with turns.take(rank):
            went.append(rank)

    threads = [threading.Thread(target=go, args=(rank,)) for rank in (3, 1, 2)]
    with turns.take(0):
        for thread in threads:
            thread.start()
        while len(turns._waiting) < len(threads):
            time.sleep(0.01)
    for thread in threads:
        thread.join(timeout=HANG)
    assert went == [1, 2, 3]


def test_a_turn_is_given_back_after_a_failure() -> None:
    """Who fails in a turn does not keep it."""
    turns = Turns(lambda: 1)
    with pytest.raises(ToolError), turns.take(0):
        raise ToolError("broken")
    with turns.take(0):
        pass


def _take(turns: Turns, rank: int, log: list[str], over: threading.Event, alone: bool) -> None:
    with turns.take(rank, alone):
        log.append(f"begin {rank}")
        over.wait()
    log.append(f"end {rank}")


def _eventually(truth: Callable[[], object]) -> None:
    while not truth():
        time.sleep(0.005)


def test_who_is_alone_waits_for_all_others_and_keeps_them_out() -> None:
    """What measures time begins when the last other one has ended; who comes then waits."""
    turns, log = Turns(lambda: 4), list[str]()
    overs = {rank: threading.Event() for rank in (1, 2, 9, 3)}
    threads = {
        rank: threading.Thread(target=_take, args=(turns, rank, log, over, rank == 9))
        for rank, over in overs.items()
    }
    for rank in (1, 2):
        threads[rank].start()
    _eventually(lambda: len(log) == 2)
    threads[9].start()
    _eventually(lambda: turns._waiting)
    overs[1].set()
    _eventually(lambda: "end 1" in log)
    assert "begin 9" not in log
    overs[2].set()
    _eventually(lambda: "begin 9" in log)
    threads[3].start()
    _eventually(lambda: turns._waiting)
    assert "begin 3" not in log
    overs[9].set()
    _eventually(lambda: "begin 3" in log)
    overs[3].set()
    for thread in threads.values():
        thread.join()


def test_a_busy_machine_has_fewer_places() -> None:
    """How many go at a time is asked again: who waits sees that the machine is free again."""
    places, log = [1], list[str]()
    turns = Turns(lambda: places[0])
    over = threading.Event()
    threads = [threading.Thread(target=_take, args=(turns, n, log, over, False)) for n in (1, 2)]
    for thread in threads:
        thread.start()
    _eventually(lambda: log and turns._waiting)
    assert len(log) == 1
    places[0] = 2
    _eventually(lambda: len(log) == 2)
    over.set()
    for thread in threads:
        thread.join()
