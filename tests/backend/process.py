"""The backend as gunicorn runs it: started with exactly the given variables, and asked."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import backend
from tests.kit import HANG, wait_for

FOLDER = Path(backend.__file__).parent
Start = Callable[..., "subprocess.Popen[str]"]


@contextmanager
def processes(folder: Path) -> Iterator[Start]:
    """What starts gunicorn in a directory of its own; all of them end with the block."""
    started: list[subprocess.Popen[str]] = []

    def start(environ: dict[str, str], wsgi_app: str | None = None) -> subprocess.Popen[str]:
        path = os.pathsep.join((str(FOLDER.parent), str(folder)))
        base = {"PATH": os.environ["PATH"], "PYTHONPATH": path, "HOME": str(folder)}
        command = [sys.executable, "-m", "gunicorn", "--config", str(FOLDER / "gunicorn.conf.py")]
        process = subprocess.Popen(
            command + ([wsgi_app] if wsgi_app else []),
            cwd=folder,
            env=base | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    try:
        yield start
    finally:
        for process in started:
            if process.poll() is None:
                process.kill()
            process.communicate()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def get(port: int, path: str, headers: Mapping[str, str] | None = None) -> int:
    """The status of one request."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=dict(headers or {}))
    try:
        with urllib.request.urlopen(request, timeout=HANG) as answer:
            status: int = answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    return status


def wait_until_alive(port: int) -> None:
    """Return as soon as /health answers."""
    wait_for(lambda: is_open(port) and get(port, "/health") == 200)


def is_open(port: int) -> bool:
    """Whether somebody listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
