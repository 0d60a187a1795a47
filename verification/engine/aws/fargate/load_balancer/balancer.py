"""The load balancer: HTTP/1.1 on 127.0.0.1, passed on to the targets one request at a time."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from contextlib import suppress
from io import BufferedReader
from uuid import uuid4

from verification.engine.aws.fargate.definitions import HealthCheck
from verification.engine.aws.fargate.load_balancer.http_messages import (
    UNTIL_CLOSE,
    Head,
    Malformed,
    pass_body,
    read_head,
)
from verification.engine.aws.fargate.load_balancer.targets import Target, Targets, Upstream

_IDLE_SECONDS = 60.0
_REASONS = {
    400: "Bad Request",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}


class _Answered(Exception):
    """The load balancer answers by itself, with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Balancer:
    """Listens on a free port of 127.0.0.1; a thread per connection. See `Targets` for the rest."""

    def __init__(self, check: HealthCheck, deregistration_delay: float) -> None:
        self.targets = Targets(check, deregistration_delay)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self._listener.getsockname()[1]
        self._clients: set[socket.socket] = set()
        self._stopped = False

    def start(self) -> None:
        """Begin to take connections."""
        threading.Thread(target=self._take, daemon=True).start()

    def stop(self) -> None:
        """Take no more connections and end those that are open."""
        self._stopped = True
        for opened in (self._listener, *tuple(self._clients)):
            # Only shutdown wakes a thread that waits in accept or recv.
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for target in self.targets.all():
            self.targets.remove(target.ident)

    def _take(self) -> None:
        while not self._stopped:
            with suppress(OSError):
                client, (address, _) = self._listener.accept()
                self._clients.add(client)
                threading.Thread(target=self._serve, args=(client, address), daemon=True).start()

    def _serve(self, client: socket.socket, address: str) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.settimeout(_IDLE_SECONDS)
        with suppress(OSError), client, client.makefile("rb") as reader:
            while self._one(client, reader, address):
                pass
        self._clients.discard(client)

    def _one(self, client: socket.socket, reader: BufferedReader, address: str) -> bool:
        """Answer one request; tell whether the connection can carry another."""
        try:
            request = read_head(reader)
            return request is not None and self._pass(request, client, reader, address)
        except Malformed:
            return _answer(client, 400)
        except _Answered as reason:
            return _answer(client, reason.status)

    def _pass(
        self, request: Head, client: socket.socket, reader: BufferedReader, address: str
    ) -> bool:
        length, closes = request.request_body(), request.closes
        if request.get(b"expect").lower() == b"100-continue":
            client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._sign(request, address)
        target, upstream = self._connected(length, reader)
        whole = False
        try:
            whole = _send(request, length, reader, upstream)
            reusable = _receive(request, upstream, client, closes or not whole)
        except BaseException:
            upstream.close()
            raise
        finally:
            self.targets.release(target)
        if reusable and whole:
            target.keep(upstream)
        else:
            upstream.close()
        return whole and reusable and not closes

    def _sign(self, request: Head, address: str) -> None:
        """Add what an ALB adds; it passes Host on as it came, and knows no X-Forwarded-Host."""
        request.drop_hop_by_hop()
        request.drop(b"expect")
        before = request.get(b"x-forwarded-for")
        chain = b", ".join(filter(None, (before, address.encode())))
        request.set(b"X-Forwarded-For", chain)
        request.set(b"X-Forwarded-Proto", b"http")
        request.set(b"X-Forwarded-Port", str(self.port).encode())
        if not request.get(b"x-amzn-trace-id"):
            trace = f"Root=1-{int(time.time()):08x}-{uuid4().hex[:24]}"
            request.set(b"X-Amzn-Trace-Id", trace.encode())

    def _connected(self, length: int, reader: BufferedReader) -> tuple[Target, Upstream]:
        try:
            return self._connect()
        except _Answered:
            # Closing with something unread resets the connection: the answer would be lost.
            pass_body(length, reader, len)
            raise

    def _connect(self) -> tuple[Target, Upstream]:
        """Connect to the next target: nothing was sent yet, so one that refuses is passed over."""
        tried: set[Target] = set()
        for attempt in itertools.count():
            target = self.targets.acquire(tried)
            if target is None:
                raise _Answered(502 if attempt else 503)
            try:
                return target, target.connect()
            except OSError as error:
                self.targets.release(target)
                if not isinstance(error, ConnectionRefusedError):
                    raise _Answered(504) from error
                tried.add(target)
        raise AssertionError


def _send(request: Head, length: int, reader: BufferedReader, upstream: Upstream) -> bool:
    """Send the request on; False when the target stopped listening before its end."""
    refused: list[OSError] = []

    def write(data: bytes) -> None:
        try:
            upstream.socket.sendall(data)
        except OSError as error:
            refused.append(error)
            raise

    try:
        write(request.encode())
        pass_body(length, reader, write)
    except OSError:
        # It may have answered already, such as 413; the client's own failures are not ours.
        if not refused:
            raise
        return False
    return True


def _receive(request: Head, upstream: Upstream, client: socket.socket, closing: bool) -> bool:
    """Pass the response on; tell whether both connections can carry another request."""
    response = _response(upstream)
    length = response.response_body(request.start[0])
    closes = response.closes or length == UNTIL_CLOSE
    response.drop_hop_by_hop()
    response.start = (b"HTTP/1.1", *response.start[1:])
    if closing or closes:
        response.set(b"Connection", b"close")
    client.sendall(response.encode())
    try:
        pass_body(length, upstream.reader, client.sendall)
    except Malformed as error:
        # The head is gone: all that is left is to end the connection, as for a broken pipe.
        raise ConnectionError("the target ended its answer too early") from error
    return not closes


def _response(upstream: Upstream) -> Head:
    try:
        while response := read_head(upstream.reader):
            if response.status >= 200:
                return response
    except TimeoutError as error:
        raise _Answered(504) from error
    except (OSError, Malformed, ValueError) as error:
        raise _Answered(502) from error
    raise _Answered(502)


def _answer(client: socket.socket, status: int) -> bool:
    body = f"<html><h1>{status} {_REASONS[status]}</h1></html>\r\n".encode()
    response = Head(
        (b"HTTP/1.1", str(status).encode(), _REASONS[status].encode()),
        [
            (b"Server", b"awselb/2.0"),
            (b"Content-Type", b"text/html"),
            (b"Content-Length", str(len(body)).encode()),
            (b"Connection", b"close"),
        ],
    )
    client.sendall(response.encode() + body)
    return False
