"""gunicorn's threaded worker, which waits for bodies within limits.

gunicorn 27.0.1 reads a body for as long as it takes, in the thread that answers; what the
application left unread it awaits for 5 s more, and then, in the worker's one main thread, the end
of the connection for 2 s. 80 clients that announce a body and send a byte of it so kept /health
from being answered, and ECS replaced the task.

A load balancer does not help here: of an Application Load Balancer AWS says that it forwards no
malformed requests and takes off "certain types of HTTP slow attacks" (Elastic Load Balancing Best
Practices, Infrastructure Protection), and waits for the next byte of a body for its idle timeout,
60 s ("Connection idle timeout" in its guide, which has uploads send a byte in each). Heads are left
to it: only it can reach a task, and gunicorn waits for a head in the same thread.
"""

from __future__ import annotations

import select
import socket
import threading
import time
from contextlib import suppress
from typing import Any

from gunicorn.http.body import Body  # type: ignore[import-untyped]
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from backend.bodies import BodyTooSlow, BrokenBody, TooManyBodies

BODY_SECONDS = 5.0
# So long everybody may wait: a body often follows its head by some milliseconds. So long, too, an
# answer that needs no body, such as 401, is held back for the rest of it: closing a connection on
# which somebody still sends would reset it, and lose the answer.
BRIEF_SECONDS = 0.1
_MOST_LEFT_UNREAD = 64 * 1024


class Worker(ThreadWorker):  # type: ignore[misc]
    """Answers as gunicorn does; at most half of its threads wait for bodies, but for a moment."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waiting = threading.BoundedSemaphore(max(1, self.cfg.threads // 2))

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Answer one request; whether its connection can carry another."""
        waits = Waits(conn.sock, self._waiting)
        req.unreader.sock, req.body = waits, LimitedBody(req.body)
        asked, reusable = req.should_close, False
        # gunicorn asks this when it writes the answer's head, which has to say "Connection: close".
        req.should_close = lambda: asked() or not waits.is_over(req.body)
        try:
            reusable = bool(super().handle_request(req, conn))
        finally:
            req.unreader.sock = conn.sock
            if not reusable:
                # Whoever closes it then waits for nothing more of the client's.
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)
        return reusable


class LimitedBody(Body):  # type: ignore[misc]
    """gunicorn's body of a request, with an error of our own for what is no HTTP."""

    def __init__(self, body: Any) -> None:
        super().__init__(body.reader)

    def read(self, size: int | None = None) -> bytes:
        """So many bytes. Raises BodyTooSlow, TooManyBodies or BrokenBody."""
        try:
            data: bytes = super().read(size)
        except ParseException as error:
            raise BrokenBody(str(error)) from error
        return data


class Waits:
    """A connection's socket while one request is answered: it reads, and waits within limits.

    Args:
        sock: the connection's own.
        places: as many as may wait longer than a moment at a time.
    """

    def __init__(self, sock: socket.socket, places: threading.BoundedSemaphore) -> None:
        self._sock, self._places = sock, places
        self._began: float | None = None
        self._over: bool | None = None
        self._needed = True

    def recv(self, size: int) -> bytes:
        """What there is, or what comes in time. Raises BodyTooSlow or TooManyBodies."""
        with suppress(BlockingIOError):
            return self._sock.recv(size, socket.MSG_DONTWAIT)
        self._wait()
        return self._sock.recv(size)

    def is_over(self, body: Body) -> bool:
        """Whether the body has come to its end, so that the next request can follow it."""
        if self._over is None:
            self._began, self._needed = None, False
            self._over = not body.failed and _is_emptied(body)
        return self._over

    def _wait(self) -> None:
        """Wait for the next byte; the limits are of all waiting for this body together."""
        self._began = self._began or time.monotonic()
        if self._comes_within(BRIEF_SECONDS):
            return
        if not self._needed:
            raise BodyTooSlow("the answer is ready, and the body still not here")
        if not self._places.acquire(blocking=False):
            raise TooManyBodies("too many bodies are waited for")
        try:
            if not self._comes_within(BODY_SECONDS):
                raise BodyTooSlow(f"the body was not there after {BODY_SECONDS:g} s")
        finally:
            self._places.release()

    def _comes_within(self, seconds: float) -> bool:
        """Whether a byte is there so many seconds after the first wait."""
        readable = select.poll()
        readable.register(self._sock, select.POLLIN)
        left = (self._began or 0.0) + seconds - time.monotonic()
        return left > 0 and bool(readable.poll(left * 1000))


def _is_emptied(body: Body) -> bool:
    left = _MOST_LEFT_UNREAD
    with suppress(BodyTooSlow, TooManyBodies, BrokenBody, OSError):
        while left > 0:
            data = body.read(8192)
            if not data:
                return True
            left -= len(data)
    return False
