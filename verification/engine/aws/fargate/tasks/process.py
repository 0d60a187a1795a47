"""A task's process: starts in an empty directory, ends as a group, and ends with its owner."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from verification.engine.system.yardstick import until

Command = Callable[[Path, int], Sequence[str]]
"""Makes the command for an image's folder and the task's port."""

# Variables that the image sets (backend/Dockerfile); others of an image are not set.
IMAGE = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
# Runs before the command, in its process. 1 is PR_SET_PDEATHSIG, which exists on Linux only. If the
# owner ended before it was set, the process has another parent.
_GATE = """
import ctypes, os, sys
try:
    ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)
except (AttributeError, OSError):
    pass
if os.getppid() != int(sys.argv[1]):
    os._exit(1)
os.execv(sys.argv[2], sys.argv[2:])
"""


def gunicorn(image: Path, port: int) -> list[str]:
    """Run the backend as its Dockerfile does, but on 127.0.0.1 only."""
    settings = image / "backend" / "gunicorn.conf.py"
    bind = f"127.0.0.1:{port}"
    return [sys.executable, "-m", "gunicorn", "--config", str(settings), "--bind", bind]


def free_port() -> int:
    """Return an unused port of 127.0.0.1."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


class TaskProcess:
    """One started task.

    The kernel kills it when the thread that started it ends.

    Args:
        command: the program's path and its arguments.
        environ: its complete environment, except for HOME and TMPDIR, which are on its disk.
        disk: a folder, created and deleted with it.
    """

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], disk: Path) -> None:
        self.disk = disk
        data, temporary = disk / "data", disk / "tmp"
        data.mkdir(parents=True)
        temporary.mkdir()
        self._process = subprocess.Popen(
            [sys.executable, "-ISc", _GATE, str(os.getpid()), *command],
            cwd=data,
            env={**environ, "HOME": str(data), "TMPDIR": str(temporary)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.pid = self._process.pid
        self._code: int | None = None

    @property
    def output(self) -> IO[bytes]:
        """Its output."""
        assert self._process.stdout is not None
        return self._process.stdout

    def exit_code(self) -> int | None:
        """Its exit code as of a container (128 + signal); None while it runs.

        Its child processes and its disk are removed when it ends.
        """
        if self._code is None and (code := self._process.poll()) is not None:
            self.kill()
            shutil.rmtree(self.disk, ignore_errors=True)
            self._code = code if code >= 0 else 128 - code
        return self._code

    def terminate(self) -> None:
        """Send SIGTERM to the first process only, as a container does."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it and its child processes."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def wait(self, seconds: float) -> None:
        """Wait for its end, at most this long."""
        until(lambda: self.exit_code() is not None, seconds, pause=0.01)
