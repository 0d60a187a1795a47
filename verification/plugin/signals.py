"""Signals that end a run: the first interrupts it; later ones do not interrupt the cleanup."""

from __future__ import annotations

import errno
import os
import signal
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import pytest

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
# A KeyboardInterrupt may be lost, as in a destructor; a signal after this many seconds counts
# again.
_AGAIN = 5.0


class Signals:
    """Ends the run as Ctrl-C does: reports are written, and everything is cleaned up.

    A signal that was ignored at the start, as SIGHUP under nohup, stays ignored. After a terminal
    was closed, a write error may come before SIGHUP, because the kernel detaches the terminal
    first; it ends the run in the same way.
    """

    def __init__(self) -> None:
        self.heard: signal.Signals | None = None
        self._ending = False
        self._last = -_AGAIN
        self._terminals = {os.fstat(number).st_rdev for number in (1, 2) if os.isatty(number)}

    def pytest_sessionstart(self) -> None:
        """Install the handlers before anything is started."""
        for one in ENDING:
            if signal.getsignal(one) is not signal.SIG_IGN:
                signal.signal(one, self._hear)

    @pytest.hookimpl(tryfirst=True, wrapper=True)
    def pytest_collection(self) -> Iterator[None]:
        """End the run if the terminal is closed during collection."""
        with self._ended_by_closed_terminals():
            return (yield)

    @pytest.hookimpl(tryfirst=True, wrapper=True)
    def pytest_runtestloop(self) -> Iterator[None]:
        """End the run if the terminal is closed while tests run."""
        with self._ended_by_closed_terminals():
            return (yield)

    @pytest.hookimpl(tryfirst=True, wrapper=True)
    def pytest_sessionfinish(self) -> Iterator[None]:
        """Ignore further signals: the end is bounded in time."""
        self._ending = True
        return (yield)

    def pytest_keyboard_interrupt(self) -> None:
        """After a signal, ignore further ones and print what happens."""
        self._ending = True
        if self.heard:
            said = f"\n{self.heard.name}: ending processes and writing reports, which takes "
            with suppress(OSError):
                print(f"{said}seconds. Further signals are ignored.", file=sys.stderr)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Keep ignoring signals while the interpreter exits."""
        for one in ENDING:
            signal.signal(one, signal.SIG_IGN)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if number == signal.SIGHUP:
            self._leave_closed_terminals()
        now = time.monotonic()
        if self._ending or now - self._last < _AGAIN:
            return
        self._last = now
        self.heard = signal.Signals(number)
        raise KeyboardInterrupt

    @contextmanager
    def _ended_by_closed_terminals(self) -> Iterator[None]:
        """Treat a failed write after the terminal was closed as SIGHUP."""
        try:
            yield
        except OSError as error:
            if error.errno != errno.EIO or not self._leave_closed_terminals():
                raise
            self._last = time.monotonic()
            self.heard = signal.SIGHUP
            raise KeyboardInterrupt from error

    def _leave_closed_terminals(self) -> bool:
        """Redirect output of closed terminals to the null device; return whether there were any."""
        null = os.open(os.devnull, os.O_RDWR)
        closed = [number for number in _open_files() if self._is_closed_terminal(number)]
        for number in closed:
            os.dup2(null, number)
        os.close(null)
        return bool(closed)

    def _is_closed_terminal(self, number: int) -> bool:
        try:
            told = os.fstat(number)
        except OSError:
            return False
        ours = stat.S_ISCHR(told.st_mode) and told.st_rdev in self._terminals
        return ours and not os.isatty(number)


def _open_files() -> list[int]:
    """The file descriptors of this process."""
    return [int(path.name) for path in Path("/dev/fd").iterdir()]
