"""The client side of the embedded AWS: start, control, fork, stop."""

import json
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from functools import cached_property
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from verification.engine.aws.emulator import boto_clients, isolation, launch
from verification.engine.aws.emulator.protocol import CONTROL, REGION, Call, Fault
from verification.engine.errors import ToolError
from verification.engine.system.temporary import WORLD, OwnedFolder


class EmbeddedAws:
    """A running embedded AWS, created by `start` or `fork`; a context manager that stops it."""

    def __init__(self, endpoint: str, pid: int, log: Path) -> None:
        self.endpoint = isolation.loopback(endpoint)
        self.pid = pid
        self.log = log
        self._process: launch.Process | None = None
        self._folder: OwnedFolder | None = None
        self._forks: list[EmbeddedAws] = []
        self._clients: dict[tuple[str, str], Any] = {}
        self._making = Lock()
        self._stopped = False

    @classmethod
    def start(cls, timeout: float = 300) -> Self:
        """Start an empty one; EnvironmentUnavailable or ToolError if it does not start."""
        folder = OwnedFolder(WORLD)
        log = folder.path / "server.log"
        try:
            process, port = launch.start(folder.path, log, timeout)
        except BaseException:
            folder.remove()
            raise
        world = cls(f"http://127.0.0.1:{port}", process.pid, log)
        world._process, world._folder = process, folder
        return world

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def fork(self) -> "EmbeddedAws":
        """Return an independent copy, including all state, on another port.

        The copy has an empty call log and no faults. It stops when the original stops.
        """
        answer = self._control("POST", "fork")
        copy = EmbeddedAws(f"http://127.0.0.1:{answer['port']}", answer["pid"], self.log)
        self._forks.append(copy)
        return copy

    def stop(self) -> None:
        """Stop it and its forks; stopping it again has no effect."""
        if self._stopped:
            return
        self._stopped = True
        for copy in self._forks:
            copy.stop()
        for made in self._clients.values():
            made.close()
        if self._process is None:
            self._end_fork()
        else:
            launch.end(self._process)
        if self._folder is not None:
            self._folder.remove()

    def _end_fork(self) -> None:
        """Ask a fork to exit; kill its process on a timeout."""
        with suppress(OSError, HTTPException, ToolError):
            self._control("POST", "stop")
        if launch.gone(self.pid, timeout=30):
            return
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        if not launch.gone(self.pid, timeout=30):
            raise ToolError(f"the embedded AWS with process id {self.pid} did not exit")

    def lost(self) -> str:
        """Which process, this one's or a fork's, ended unexpectedly; "" if none."""
        if self._stopped:
            return ""
        if not launch.alive(self.pid):
            return (
                f"the embedded AWS stopped: its process {self.pid} was killed or crashed. Check "
                f"free memory, and run again.\n{launch.tail(self.log)}".strip()
            )
        return next(filter(None, (copy.lost() for copy in self._forks)), "")

    def environment(self, region: str = REGION) -> dict[str, str]:
        """Return the variables that direct a child process to this embedded AWS only."""
        return isolation.environment(self.endpoint, region)

    def sealed(self, environ: Mapping[str, str], home: Path) -> dict[str, str]:
        """Return the complete environment of such a child, built by an allow-list."""
        return isolation.sealed(environ, self.endpoint, home)

    def client(self, service: str, region: str | None = None) -> Any:
        """Return a boto3 client; one per service and region."""
        key = (service, region or REGION)
        with self._making:
            if key not in self._clients:
                self._clients[key] = boto_clients.client(self.endpoint, *key)
            return self._clients[key]

    def client_of(self, session: Mapping[str, Any], service: str) -> Any:
        """Return a boto3 client with the credentials of a session; whoever asks closes it."""
        return boto_clients.client(self.endpoint, service, REGION, session)

    def calls(self, since: int = 0) -> list[Call]:
        """Return the recorded calls after sequence number `since`, oldest first.

        Waits for running calls, including those whose callers have timed out.

        ToolError if some of them are no longer recorded, because a partial log proves nothing.
        """
        answer = self._control("GET", f"calls?since={since}")
        if answer["forgotten"]:
            raise ToolError(f"{answer['forgotten']} calls after {since} are no longer recorded")
        return [_call(row) for row in answer["calls"]]

    def inject(self, fault: Fault) -> None:
        """Answer matching calls with this fault; the first matching fault is used."""
        self._control("POST", "faults", asdict(fault))

    def clear_faults(self) -> None:
        """Remove all faults."""
        self._control("DELETE", "faults")

    def enforce(self, on: bool = True) -> None:
        """Enforce IAM for assumed roles, and reject unknown keys; forks inherit the setting.

        The suite's own key keeps administrator access. Undecidable calls are answered
        NotImplemented.
        """
        self._control("POST", "enforcement", on)

    @cached_property
    def _address(self) -> tuple[str, int]:
        parts = urlsplit(self.endpoint)
        return str(parts.hostname), int(parts.port or 80)

    def _control(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        # http.client, because urllib uses proxy variables.
        connection = HTTPConnection(*self._address, timeout=300)
        try:
            connection.request(method, CONTROL + path, json.dumps(body))
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        if response.status != 200:
            raise ToolError(f"the embedded AWS refused {method} {path}: {text}")
        answer: dict[str, Any] = json.loads(text)
        return answer


def _call(row: Mapping[str, Any]) -> Call:
    lists = {"resources": tuple(row["resources"]), "asked": tuple(map(tuple, row["asked"]))}
    return Call(**{**row, **lists, "key": tuple(row["key"])})
