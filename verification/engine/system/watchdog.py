"""Ends what this process started when this process is gone, even where it was ended by SIGKILL."""

from __future__ import annotations

import atexit
import subprocess
import sys
import threading
from contextlib import suppress

# Reads "+pid" and "-pid". Its input ends with whoever writes it, however that ended.
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
    """End this process group when this process is gone.

    PR_SET_PDEATHSIG would end a command, but not what the command started, such as Terraform's
    providers.
    """
    _tell(f"+{group}\n")


def forget(group: int) -> None:
    """Leave it alone: it has ended, and its id may become somebody else's."""
    _tell(f"-{group}\n")


def stop() -> None:
    """End the process that watches, and what it still watches."""
    with _guard:
        while _shared:
            # Closes its input and waits.
            with suppress(OSError), _shared.pop():
                pass


atexit.register(stop)


def _tell(line: str) -> None:
    # It may not start, or have been killed: it is a second line of defence, and no run fails by it.
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
