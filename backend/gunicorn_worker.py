"""gunicorn's threaded worker, with limits on the time to read bodies.

gunicorn 27.0.1 reads a body without a time limit, in the thread that answers. It waits 5 s more for
what the application left unread, and then, in the worker's only main thread, 2 s for the end of the
connection. So 80 clients that sent one byte of an announced body kept /health from being answered,
and ECS replaced the task.

A load balancer does not help here. According to AWS, an Application Load Balancer forwards no
malformed requests and absorbs "certain types of HTTP slow attacks" (Elastic Load Balancing Best
Practices, Infrastructure Protection), but it waits for the next byte of a body for its idle
timeout, 60 s ("Connection idle timeout" in its guide). Heads are not limited here: only the load
balancer can reach a task, and gunicorn waits for a head in the same thread.
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
# Everyone may wait this long, because a body often follows its head by some milliseconds. An answer
# that needs no body, such as 401, is also delayed this long for the rest of the body: closing a
# connection on which the client is still sending would reset it and lose the answer.
BRIEF_SECONDS = 0.1
_MOST_LEFT_UNREAD = 64 * 1024


class Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's worker; at most half of its threads wait longer than a moment for bodies."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waiting = threading.BoundedSemaphore(max(1, self.cfg.threads // 2))

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Answer one request; returns whether its connection can carry another."""
        waits = Waits(conn.sock, self._waiting)
        req.unreader.sock, req.body = waits, LimitedBody(req.body)
        asked, reusable = req.should_close, False
        # gunicorn reads this when it writes the answer's head, which must have "Connection: close".
        req.should_close = lambda: asked() or not waits.is_over(req.body)
        try:
            reusable = bool(super().handle_request(req, conn))
        finally:
            req.unreader.sock = conn.sock
            if not reusable:
                # Then closing it does not wait for the client.
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)
        return reusable


class LimitedBody(Body):  # type: ignore[misc]
    """gunicorn's body of a request, with another error for invalid HTTP."""

    def __init__(self, body: Any) -> None:
        super().__init__(body.reader)

    def read(self, size: int | None = None) -> bytes:
        """Read this many bytes. Raises BodyTooSlow, TooManyBodies or BrokenBody."""
        try:
            data: bytes = super().read(size)
        except ParseException as error:
            raise BrokenBody(str(error)) from error
        return data


class Waits:
    """A connection's socket during one request, with limits on waiting.

    Args:
        sock: the connection's socket.
        places: limits how many threads may wait longer than a moment.
    """

    def __init__(self, sock: socket.socket, places: threading.BoundedSemaphore) -> None:
        self._sock, self._places = sock, places
        self._began: float | None = None
        self._over: bool | None = None
        self._needed = True

    def recv(self, size: int) -> bytes:
        """The available data, or what arrives in time. Raises BodyTooSlow or TooManyBodies."""
        with suppress(BlockingIOError):
            return self._sock.recv(size, socket.MSG_DONTWAIT)
        self._wait()
        return self._sock.recv(size)

    def is_over(self, body: Body) -> bool:
        """Whether the body is complete, so that the next request can follow."""
        if self._over is None:
            self._began, self._needed = None, False
            self._over = not body.failed and _is_emptied(body)
        return self._over

    def _wait(self) -> None:
        """Wait for the next byte; the limits are for all waits for this body together."""
        self._began = self._began or time.monotonic()
        if self._comes_within(BRIEF_SECONDS):
            return
        if not self._needed:
            raise BodyTooSlow("the body was not complete when the answer was ready")
        if not self._places.acquire(blocking=False):
            raise TooManyBodies("too many threads wait for bodies")
        try:
            if not self._comes_within(BODY_SECONDS):
                raise BodyTooSlow(f"the body was not complete after {BODY_SECONDS:g} s")
        finally:
            self._places.release()

    def _comes_within(self, seconds: float) -> bool:
        """Whether a byte is available within so many seconds after the first wait."""
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
