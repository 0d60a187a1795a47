"""Child processes that always end: bounded in time, and stopped as a group when the run stops."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from verification.engine.errors import EnvironmentUnavailable, ToolError
from verification.engine.system import watchdog

_BACKGROUND = 15  # of 19, the most patient


@dataclass(frozen=True)
class Completed:
    """How a command ended: its exit code and what it printed."""

    code: int
    out: str
    err: str


class Processes:
    """Runs commands, each in a process group of its own, and can stop all of them at once.

    Where this process is killed, they end with it.
    """

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: set[subprocess.Popen[bytes]] = set()
        self._guard = threading.Lock()
        self._logged: Counter[str] = Counter()
        self._stopped = False

    def run(
        self,
        command: Sequence[str],
        *,
        name: str,
        directory: Path,
        environ: Mapping[str, str],
        timeout: float,
        accept: frozenset[int] = frozenset({0}),
        background: bool = False,
    ) -> Completed:
        """Run a command to its end.

        Output goes to files (`name`.out and .err below the logs folder): a pipe that is read too
        late stalls a chatty command, and a log survives a command that is killed.

        Args:
            command: the program and its arguments.
            name: what to call it, in messages and as its logs' file name.
            directory: its working directory.
            environ: its whole environment.
            timeout: seconds after which its group is interrupted, then killed.
            accept: exit codes that are results rather than failures.
            background: let it yield the processor to commands that are not in the background.

        Raises:
            EnvironmentUnavailable: the program cannot be started.
            ToolError: it ended with another exit code, by a signal, or not in time.
        """
        self._logs.mkdir(parents=True, exist_ok=True)
        log = self._log(name)
        stdout, stderr = self._logs / f"{log}.out", self._logs / f"{log}.err"
        with stdout.open("wb") as out, stderr.open("wb") as err:
            process = self._start(command, out, err, directory, environ)
            if background:
                with suppress(OSError):  # It may have ended already.
                    os.setpriority(os.PRIO_PGRP, process.pid, _BACKGROUND)
            code = self._wait(process, name, timeout)
        completed = Completed(code, _read(stdout), _read(stderr))
        if code < 0:
            raise ToolError(
                f"{name} was ended by {signal.Signals(-code).name}; it printed {stdout}."
            )
        if code not in accept:
            raise CommandFailed(name, completed, stdout)
        return completed

    def _log(self, name: str) -> str:
        """A name of its own for each command's logs: two of one name may run at a time."""
        with self._guard:
            self._logged[name] += 1
            return name if self._logged[name] == 1 else f"{name}-{self._logged[name]}"

    def stop(self) -> None:
        """End every command that still runs; none is started after this."""
        with self._guard:
            self._stopped = True
            running = list(self._running)
        for process in running:
            _end(process)

    def _start(
        self,
        command: Sequence[str],
        out: BinaryIO,
        err: BinaryIO,
        directory: Path,
        environ: Mapping[str, str],
    ) -> subprocess.Popen[bytes]:
        with self._guard:
            if self._stopped:
                raise ToolError(f"{command[0]} was not started: the run is being stopped.")
            try:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    cwd=directory,
                    env=dict(environ),
                    start_new_session=True,
                )
            except OSError as error:
                raise EnvironmentUnavailable(
                    f"{command[0]} cannot be started: {error.strerror}."
                ) from error
            self._running.add(process)
            watchdog.watch(process.pid)
        return process

    def _wait(self, process: subprocess.Popen[bytes], name: str, timeout: float) -> int:
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            _end(process)
            raise ToolError(f"{name} did not end within {timeout:.0f} s and was stopped.") from None
        finally:
            # What it leaves behind, such as the providers of a Terraform that was killed.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            with self._guard:
                self._running.discard(process)
            watchdog.forget(process.pid)


class CommandFailed(ToolError):
    """A command ended with an exit code that is a failure."""

    def __init__(self, name: str, completed: Completed, log: Path) -> None:
        last = (completed.err.strip() or completed.out.strip() or "nothing").splitlines()[-1]
        super().__init__(f"{name} ended with exit code {completed.code}: {last[:500]} (log: {log})")
        self.name = name
        self.completed = completed


def _end(process: subprocess.Popen[bytes], patience: float = 5) -> None:
    # SIGINT first: Terraform then stops its providers, which are in the same group, by itself.
    for signum in (signal.SIGINT, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signum)
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            if signum is signal.SIGKILL:
                return
    # The leader may have ended on SIGINT; SIGKILL above has then ended what was left of its group.


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
