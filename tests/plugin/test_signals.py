"""However somebody ends a run, it is reported, and nothing of it stays."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.kit import HANG, PYTEST, REPOSITORY, wait_for
from tests.plugin.runs import Watched
from verification.plugin import signals
from verification.plugin.signals import ENDING, Signals

pytestmark = pytest.mark.slow


@pytest.fixture
def _handlers() -> Iterator[None]:
    """Leave this process's own way with signals as it was."""
    before = {one: signal.getsignal(one) for one in ENDING}
    yield
    for one, handler in before.items():
        signal.signal(one, handler)


def assert_tidy(run: Watched) -> None:
    """The run's reports say that it was interrupted; no process and no file of it is left."""
    assert (run.document["exit_code"], run.document["outcome"]) == (2, "interrupted")
    assert (run.folder / "reports" / "report.html").exists()
    run.await_nothing()
    assert run.left() == []


@pytest.mark.parametrize("first", ENDING, ids=lambda one: one.name)
def test_no_signal_breaks_the_end(first: signal.Signals, run: Watched) -> None:
    """Each signal ends a run tidily, however many of all kinds follow it."""
    with run.start() as process:
        run.await_plan()
        process.send_signal(first)
        for number in range(HANG * 20):
            if process.poll() is not None:
                break
            process.send_signal(ENDING[number % len(ENDING)])
            time.sleep(0.05)
    assert process.returncode == 2, run.output
    assert run.output.endswith("Interrupted. (exit code 2)\n")
    assert "Traceback" not in run.output
    # Of two that come at once, Python tells the one of the lower number first.
    [note] = [note for note in run.document["notes"] if note.endswith(" ended the run.")]
    name = note.split()[0]
    assert name in {one.name for one in ENDING}
    assert f"{name}: ending processes and writing reports" in run.output
    assert_tidy(run)


def test_ending_make_ends_the_run(run: Watched) -> None:
    """SIGTERM to `make` alone, as a supervisor sends it, reaches the run."""
    make = ("make", "plan", "SET_UP=true", f"PYTEST={' '.join(PYTEST)}")
    with run.start(*make, f"ARGS={' '.join(run.arguments)}") as process:
        run.await_plan()
        process.terminate()
        process.wait(HANG)
    assert "Interrupted. (exit code 2)" in run.output
    assert "SIGTERM ended the run." in run.document["notes"]
    assert_tidy(run)


@pytest.mark.parametrize("sighup", [signal.SIG_DFL, signal.SIG_IGN], ids=lambda way: way.name)
def test_closed_terminal_ends_the_run(sighup: signal.Handlers, run: Watched) -> None:
    """A run whose terminal is closed writes its reports, and leaves nothing.

    Where SIGHUP is ignored, the run learns of it by an error of a write, as it may elsewhere.
    """
    command, variables = [*PYTEST, *run.arguments], run.variables
    pid, terminal = pty.fork()
    if not pid:
        signal.signal(signal.SIGHUP, sighup)
        os.execve(command[0], command, variables)
    os.set_blocking(terminal, False)
    wait_for(lambda: _drained(terminal) and run.plans())
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 2
    assert "SIGHUP ended the run." in run.document["notes"]
    assert_tidy(run)


def _drained(terminal: int) -> bool:
    """Read what a terminal shows, so that nobody waits for it to be read."""
    try:
        while os.read(terminal, 4096):
            pass
    except BlockingIOError:
        pass
    return True


@pytest.mark.usefixtures("_handlers")
def test_nohup_is_respected() -> None:
    """A signal that was ignored when the run started does not end it."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    Signals().pytest_sessionstart()
    os.kill(os.getpid(), signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.usefixtures("_handlers")
def test_lost_interrupt_can_be_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Python lost an interrupt, the signal ends the run when it is sent again later."""
    heard = Signals()
    heard.pytest_sessionstart()
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGTERM)
    monkeypatch.setattr(signals, "_AGAIN", 0.0)
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
    heard.pytest_keyboard_interrupt()
    os.kill(os.getpid(), signal.SIGINT)
    assert heard.heard is signal.SIGINT


def test_every_recipe_hands_signals_on() -> None:
    """No shell stays between make and pytest."""
    verbs = ["verify", "static", "plan", "policies", "sandbox", "smoke", "rehearse", "test"]
    done = subprocess.run(
        ["make", "-n", *verbs], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    suite = [line for line in done.stdout.splitlines() if "-m pytest" in line]
    assert len(suite) == len(verbs)
    assert all(line.startswith("exec ") for line in suite)
