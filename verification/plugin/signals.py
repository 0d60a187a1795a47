"""Signals that end a run: the first interrupts it, and no further one breaks what tidies up."""

from __future__ import annotations

import os
import signal
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import FrameType

import pytest

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
# A KeyboardInterrupt may be lost, as in a destructor: the next signal after so many seconds counts.
_AGAIN = 5.0


class Signals:
    """Ends the run as Ctrl-C does: reports are written, and nothing is left behind.

    A signal that was ignored when the run started, as SIGHUP by nohup, stays ignored.
    """

    def __init__(self) -> None:
        self.heard: signal.Signals | None = None
        self._ending = False
        self._last = -_AGAIN
        self._terminals = {os.fstat(number).st_rdev for number in (1, 2) if os.isatty(number)}

    def pytest_sessionstart(self) -> None:
        """Listen from before anything is started."""
        for one in ENDING:
            if signal.getsignal(one) is not signal.SIG_IGN:
                signal.signal(one, self._hear)

    @pytest.hookimpl(tryfirst=True, wrapper=True)
    def pytest_sessionfinish(self) -> Iterator[None]:
        """The end begins; it is bounded, so that nobody has to break it off."""
        self._ending = True
        return (yield)

    def pytest_keyboard_interrupt(self) -> None:
        """The end begins here where a signal came, and says so to whoever waits for it."""
        self._ending = True
        if self.heard:
            said = f"\n{self.heard.name}: ending what runs and writing the reports, which takes "
            with suppress(OSError):
                print(f"{said}seconds. Further signals are ignored.", file=sys.stderr)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Let the interpreter's own end be broken neither."""
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

    def _leave_closed_terminals(self) -> None:
        """Write into nothing what went to a terminal that was closed: it would be an error."""
        null = os.open(os.devnull, os.O_RDWR)
        for number in [int(path.name) for path in Path("/dev/fd").iterdir()]:
            try:
                told = os.fstat(number)
            except OSError:
                continue
            ours = stat.S_ISCHR(told.st_mode) and told.st_rdev in self._terminals
            if ours and not os.isatty(number):
                os.dup2(null, number)
        os.close(null)
