"""The embedded AWS as seen from outside its process: start, drive, fork, stop."""

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
    """A running embedded AWS: made by `start` or `fork`, ended by `stop` or by leaving `with`."""

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
        """Start an empty AWS; EnvironmentUnavailable or ToolError if it does not come up."""
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
        """Return a copy of this whole world, on a port of its own; neither sees the other change.

        The copy starts with an empty record and no faults. It ends with the world it came from.
        """
        answer = self._control("POST", "fork")
        copy = EmbeddedAws(f"http://127.0.0.1:{answer['port']}", answer["pid"], self.log)
        self._forks.append(copy)
        return copy

    def stop(self) -> None:
        """End this world and the forks made from it; ending it twice is ending it once."""
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
        """Ask a fork to end itself; kill it by its id if it has not in time."""
        with suppress(OSError, HTTPException, ToolError):
            self._control("POST", "stop")
        if launch.gone(self.pid, timeout=30):
            return
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        if not launch.gone(self.pid, timeout=30):
            raise ToolError(f"the embedded AWS with process id {self.pid} does not end")

    def lost(self) -> str:
        """Say which process, this world's or a fork's, ended without being told; "" if none."""
        if self._stopped:
            return ""
        if not launch.alive(self.pid):
            return (
                f"the embedded AWS is gone: its process {self.pid} was killed or crashed. Free "
                f"some memory if there is little, and run again.\n{launch.tail(self.log)}".strip()
            )
        return next(filter(None, (copy.lost() for copy in self._forks)), "")

    def environment(self, region: str = REGION) -> dict[str, str]:
        """Return the variables that tie a child process to this world and to no other."""
        return isolation.environment(self.endpoint, region)

    def sealed(self, environ: Mapping[str, str], home: Path) -> dict[str, str]:
        """Return the whole environment of such a child, made from the user's by an allow-list."""
        return isolation.sealed(environ, self.endpoint, home)

    def client(self, service: str, region: str | None = None) -> Any:
        """Return a boto3 client of this world; one per service and region."""
        key = (service, region or REGION)
        with self._making:
            if key not in self._clients:
                self._clients[key] = boto_clients.client(self.endpoint, *key)
            return self._clients[key]

    def calls(self, since: int = 0) -> list[Call]:
        """Return the calls answered after the one with sequence `since`, oldest first.

        It waits for calls that are running, also for those that their callers have given up.

        ToolError when some of them are no longer remembered: a partial record proves nothing.
        """
        answer = self._control("GET", f"calls?since={since}")
        if answer["forgotten"]:
            raise ToolError(f"{answer['forgotten']} calls after {since} are no longer recorded")
        return [_call(row) for row in answer["calls"]]

    def inject(self, fault: Fault) -> None:
        """Answer the calls it describes with this fault; the first fault that fits is given."""
        self._control("POST", "faults", asdict(fault))

    def clear_faults(self) -> None:
        """Answer every call truly again."""
        self._control("DELETE", "faults")

    def enforce(self, on: bool = True) -> None:
        """Let IAM decide the calls of assumed roles, and refuse unknown keys; forks inherit it.

        Our own key stays an administrator's. What cannot be decided is answered NotImplemented.
        """
        self._control("POST", "enforcement", on)

    @cached_property
    def _address(self) -> tuple[str, int]:
        parts = urlsplit(self.endpoint)
        return str(parts.hostname), int(parts.port or 80)

    def _control(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        # http.client and not urllib: it never looks for a proxy in the shell.
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
    return Call(**{**row, **lists})
