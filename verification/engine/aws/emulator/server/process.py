"""The emulator's process: `python -m verification.engine.aws.emulator.server.process`.

It prints its port, serves until its standard input is closed, and forks on request.
"""

import gc
import json
import logging
import os
import signal
import socket
import stat
import threading
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from moto.iam.models import iam_backends

from verification.engine.aws.emulator import moto_patches
from verification.engine.aws.emulator.protocol import ACCOUNT, CONTROL
from verification.engine.aws.emulator.server import http
from verification.engine.aws.emulator.server.application import Application
from verification.engine.aws.emulator.server.aws_response import Response

Replies = SimpleQueue[dict[str, int]]


class Server:
    """One embedded AWS in one process; its main thread only forks.

    Only the forking thread exists in a fork, so it must be able to continue alone.
    """

    def __init__(self) -> None:
        self._application = Application()
        self._children: set[int] = set()
        self._requests: SimpleQueue[Replies] = SimpleQueue()

    def run(self, listener: socket.socket) -> None:
        """Serve on the listener and fork on request, until the process ends."""
        self._open(listener)
        while True:
            self._fork(self._requests.get())

    def warm(self) -> None:
        """Load what the first call would load, so that forks share it."""
        with self._application.lock:
            iam_backends[ACCOUNT]["aws"]
            gc.collect()
            # The garbage collector skips frozen objects, so forks do not copy their pages.
            gc.freeze()

    def _open(self, listener: socket.socket) -> None:
        # A fork starts here again. SIGCHLD is handled in this thread, also during get().
        signal.signal(signal.SIGCHLD, lambda *_: self._reap())
        threading.Thread(target=_end_with_parent, daemon=True).start()
        http.serve(listener, self._answer)

    def _fork(self, replies: Replies) -> None:
        listener = http.listen()
        with self._application.lock:
            pid = os.fork()
        if pid:
            self._children.add(pid)
            replies.put({"pid": pid, "port": listener.getsockname()[1]})
            listener.close()
            return
        _drop_sockets(except_for=listener.fileno())
        self._application.forget()
        self._children, self._requests = set(), SimpleQueue()
        self._open(listener)

    def _reap(self) -> None:
        for pid in tuple(self._children):
            with suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG)[0]:
                    self._children.discard(pid)

    def _answer(self, environ: dict[str, Any], body: bytes) -> Response:
        match environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix(CONTROL):
            case "POST", "fork":
                replies: Replies = SimpleQueue()
                self._requests.put(replies)
                return Response(200, [], json.dumps(replies.get()).encode())
            case "POST", "stop":
                # After the answer was sent. os._exit, because the main thread may be busy.
                threading.Timer(0.01, os._exit, (0,)).start()
                return Response(200, [], b"{}")
        return self._application.answer(environ, body)


def _end_with_parent() -> None:
    """Exit when the process that started the first server ends, even by SIGKILL.

    Forks inherit the same standard input, so all of them see its end. os.read takes no lock, which
    sys.stdin would, and a fork could inherit a locked one.
    """
    while os.read(0, 1):
        pass
    os._exit(0)


def _drop_sockets(except_for: int) -> None:
    """Close the parent's connections, so that clients see them end when the parent ends.

    Their descriptors then refer to the null device, so that a late close() of the parent's socket
    objects, which still exist here, cannot close a connection of this process.
    """
    null = os.open(os.devnull, os.O_RDWR)
    for number in [int(path.name) for path in Path("/dev/fd").iterdir()]:
        with suppress(OSError):
            if number != except_for and stat.S_ISSOCK(os.fstat(number).st_mode):
                os.dup2(null, number)
    os.close(null)


def main() -> None:
    """Start an empty embedded AWS, print its port, and serve."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s [%(process)d] %(message)s")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto_patches.install()
    listener = http.listen()
    server = Server()
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    # From now on output goes to the log, because nothing reads this pipe any more.
    os.dup2(2, 1)
    server.warm()
    server.run(listener)


if __name__ == "__main__":
    main()
