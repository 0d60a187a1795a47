"""Child processes: bounded in time, and ended as a group when the run ends."""

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

_BACKGROUND = 15  # nice value; 19 is the maximum


@dataclass(frozen=True)
class Completed:
    """A command's exit code and output."""

    code: int
    out: str
    err: str


class Processes:
    """Runs commands, each in a separate process group, and can end all of them.

    If this process is killed, they are killed, too.
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

        Output goes to files (`name`.out and .err below the logs folder): a full pipe would block
        the command, and a log remains if the command is killed.

        Args:
            command: the program and its arguments.
            name: its name, in messages and log file names.
            directory: its working directory.
            environ: its complete environment.
            timeout: seconds after which its group is interrupted, then killed.
            accept: exit codes that are results, not failures.
            background: run it with a lower priority.

        Raises:
            EnvironmentUnavailable: the program cannot be started.
            ToolError: it ended with another exit code, by a signal, or by the timeout.
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
                f"{name} was ended by {signal.Signals(-code).name}; its output is in {stdout}."
            )
        if code not in accept:
            raise CommandFailed(name, completed, stdout)
        return completed

    def _log(self, name: str) -> str:
        """A unique log name, because commands of the same name may run in parallel."""
        with self._guard:
            self._logged[name] += 1
            return name if self._logged[name] == 1 else f"{name}-{self._logged[name]}"

    def stop(self) -> None:
        """End every running command, and start no more."""
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
                raise ToolError(f"{command[0]} was not started, because the run is ending.")
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
            raise ToolError(f"{name} timed out after {timeout:.0f} s and was stopped.") from None
        finally:
            # Its remaining children, such as Terraform's providers.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            with self._guard:
                self._running.discard(process)
            watchdog.forget(process.pid)


class CommandFailed(ToolError):
    """A command ended with an exit code that is a failure."""

    def __init__(self, name: str, completed: Completed, log: Path) -> None:
        last = (completed.err.strip() or completed.out.strip() or "nothing").splitlines()[-1]
        super().__init__(
            f"{name} failed with exit code {completed.code}: {last[:500]} (log: {log})"
        )
        self.name = name
        self.completed = completed


def _end(process: subprocess.Popen[bytes], patience: float = 5) -> None:
    # SIGINT first, so that Terraform stops its providers, which are in the same group.
    for signum in (signal.SIGINT, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signum)
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            if signum is signal.SIGKILL:
                return
    # If the leader ended on SIGINT, the SIGKILL above has ended the rest of its group.


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
