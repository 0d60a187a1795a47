"""Whoever waits sees what goes on, and nothing is left on the screen."""

import re
import time
from concurrent.futures import Future
from typing import Any

import pytest

from tests.kit import wait_for
from verification.engine.errors import ToolError
from verification.engine.run.schedule import Schedule
from verification.model.results import Step
from verification.plugin import progress
from verification.plugin.progress import Progress

CLEAR = "\r\x1b[K"


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_TICK", 0.01)
    monkeypatch.setattr(progress, "_REMIND", 0.03)


def working(schedule: Schedule, written: list[str], error: Exception | None = None) -> Future[Any]:
    """Return a job with one step, which ends, or fails, once it was shown to be at work."""

    def job() -> str:
        with schedule.step("apply dev"):
            wait_for(lambda: any("app" in text for text in written))
            if error:
                raise error
        return "result"

    return schedule.start("job", "", job)


def shown(live: bool, width: int = 60, error: Exception | None = None) -> str:
    """Return everything that is written while a job is waited for."""
    schedule, written = Schedule(), list[str]()
    waiting = Progress(schedule, written.append, live, width)
    if error is None:
        assert waiting.wait(working(schedule, written)) == "result"
    else:
        with pytest.raises(type(error)) as caught:
            waiting.wait(working(schedule, written, error))
        assert caught.value is error
    return "".join(written)


def screen(text: str) -> str:
    """Return what a terminal shows in the end."""
    return "\n".join(line.rpartition(CLEAR)[2] for line in text.split("\n"))


@pytest.mark.parametrize("live", [True, False], ids=["live", "plain"])
def test_nothing_is_written_for_what_is_done(live: bool) -> None:
    """A result that is there already is given without a word."""
    written: list[str] = []
    done: Future[str] = Future()
    done.set_result("result")
    assert Progress(Schedule(), written.append, live, 80).wait(done) == "result"
    assert written == []


@pytest.mark.parametrize("live", [True, False], ids=["live", "plain"])
def test_failure_is_shown_and_raised(live: bool) -> None:
    """A job that fails is raised to whoever waits, and its step is shown as failed."""
    text = screen(shown(live, error=ToolError("broken")))
    assert re.search(r"\n  \d\d:\d\d apply dev: took \d+\.\d s and failed\n$", text)


def test_live_line_is_painted_and_cleared() -> None:
    """A terminal shows what runs in one line, which is gone in the end."""
    text = shown(live=True)
    assert re.search(rf"{re.escape(CLEAR)}. \d\d:\d\d apply dev \d+ s", text)
    assert re.fullmatch(r"\n  \d\d:\d\d apply dev: took \d+\.\d s\n", screen(text))


def test_live_line_never_wraps() -> None:
    """The live line is shorter than the terminal is wide: a wrapped one cannot be cleared."""
    painted = shown(live=True, width=12).split(CLEAR)[1:]
    lines = [part for part in painted if part and "took" not in part]
    assert lines
    assert all(len(line) <= 11 for line in lines)


def test_plain_text_has_no_control_characters() -> None:
    """A log file gets plain lines: what still runs from time to time, and what has ended."""
    lines = shown(live=False).splitlines()
    assert not any(character < " " for line in lines for character in line)
    assert re.fullmatch(r"  \d\d:\d\d apply dev: running for \d+ s", lines[1])
    assert re.fullmatch(r"  \d\d:\d\d apply dev: took \d+\.\d s", lines[-1])


@pytest.mark.parametrize("live", [True, False], ids=["live", "plain"])
def test_steps_are_told_once(live: bool) -> None:
    """A step that ended before anybody waited is told at the next wait, and only then."""
    schedule, written = Schedule(), list[str]()
    schedule.steps.append(Step("init dev", time.monotonic(), 1.0))
    waiting = Progress(schedule, written.append, live, 60)
    waiting.wait(working(schedule, written))
    waiting.wait(schedule.start("other", "", lambda: time.sleep(0.05)))
    assert "".join(written).count("init dev: took 1.0 s") == 1
    assert "".join(written).count("apply dev: took") == 1
