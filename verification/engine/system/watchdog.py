"""Kills the children of this process when it ends, even by SIGKILL."""

from __future__ import annotations

import atexit
import subprocess
import sys
import threading
from contextlib import suppress

# Reads "+pid" and "-pid". Its input ends when this process ends, for whatever reason.
_WATCH = """
import os, signal, sys
groups = set()
for line in sys.stdin:
    (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
for group in groups:
    try:
        os.killpg(group, signal.SIGKILL)
    except OSError:
        pass
"""


_guard = threading.Lock()
_shared: list[subprocess.Popen[str]] = []


def watch(group: int) -> None:
    """Kill this process group when this process ends.

    PR_SET_PDEATHSIG would kill a command, but not its children, such as Terraform's providers.
    """
    _tell(f"+{group}\n")


def forget(group: int) -> None:
    """Stop watching a process group that has ended, because its id may be reused."""
    _tell(f"-{group}\n")


def stop() -> None:
    """End the watchdog process, and the groups that it still watches."""
    with _guard:
        while _shared:
            # Closes its input and waits.
            with suppress(OSError), _shared.pop():
                pass


atexit.register(stop)


def _tell(line: str) -> None:
    # It may not start, or be killed: it is a second line of defence, so no run fails without it.
    with _guard, suppress(OSError):
        if not _shared:
            _shared.append(_start())
        told = _shared[0].stdin
        assert told is not None
        told.write(line)
        told.flush()


def _start() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-ISc", _WATCH],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
        text=True,
    )
