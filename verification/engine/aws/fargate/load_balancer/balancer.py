"""The load balancer: HTTP/1.1 on 127.0.0.1, forwards one request at a time per connection."""

from __future__ import annotations

import socket
import threading
import time
from collections import deque
from contextlib import suppress
from uuid import uuid4

import h11

from verification.engine.aws.fargate.definitions import HealthCheck
from verification.engine.aws.fargate.load_balancer.http_connection import (
    Gone,
    HttpConnection,
    end_to_end,
    header,
)
from verification.engine.aws.fargate.load_balancer.targets import Target, Targets

_REASONS = {
    400: "Bad Request",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}


class _Answered(Exception):
    """The load balancer itself answers, with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Balancer:
    """Listens on a free port of 127.0.0.1, with a thread per connection. See also `Targets`."""

    def __init__(self, check: HealthCheck, deregistration_delay: float) -> None:
        self.targets = Targets(check, deregistration_delay)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self._listener.getsockname()[1]
        self._clients: set[socket.socket] = set()
        self._stopped = False

    def start(self) -> None:
        """Start accepting connections."""
        threading.Thread(target=self._take, daemon=True).start()

    def stop(self) -> None:
        """Stop accepting connections, and close those that are open."""
        self._stopped = True
        for opened in (self._listener, *tuple(self._clients)):
            # Only shutdown interrupts a thread in accept or recv.
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
        with suppress(OSError), client:
            connection = HttpConnection(client, h11.SERVER)
            while self._one(connection, address):
                pass
        self._clients.discard(client)

    def _one(self, client: HttpConnection, address: str) -> bool:
        """Answer one request; returns whether the connection can carry another."""
        try:
            request = client.receive()
            return isinstance(request, h11.Request) and self._pass(request, client, address)
        except h11.ProtocolError:
            return _answer(client, 400)
        except _Answered as reason:
            return _answer(client, reason.status)

    def _pass(self, request: h11.Request, client: HttpConnection, address: str) -> bool:
        lengths = header(request, b"transfer-encoding"), header(request, b"content-length")
        if all(lengths) or request.method == b"CONNECT":
            raise _Answered(400)
        target, upstream = self._connected(client)
        try:
            whole = _send(self._signed(request, address), client, upstream)
            _receive(upstream, client, closing=not whole)
        except BaseException:
            upstream.close()
            raise
        finally:
            self.targets.release(target)
        if upstream.next_message():
            target.keep(upstream)
        else:
            upstream.close()
        return client.next_message()

    def _signed(self, request: h11.Request, address: str) -> h11.Request:
        """The request with the headers that an ALB adds.

        It forwards Host unchanged, adds one to HTTP/1.0, and sends no X-Forwarded-Host:
        https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
        """
        before = header(request, b"x-forwarded-for")
        trace = f"Root=1-{int(time.time()):08x}-{uuid4().hex[:24]}".encode()
        own = {
            b"Host": header(request, b"host") or f"127.0.0.1:{self.port}".encode(),
            b"X-Forwarded-For": b", ".join(filter(None, (before, address.encode()))),
            b"X-Forwarded-Proto": b"http",
            b"X-Forwarded-Port": str(self.port).encode(),
            b"X-Amzn-Trace-Id": header(request, b"x-amzn-trace-id") or trace,
        }
        replaced = {b"expect", *map(bytes.lower, own)}
        kept = [pair for pair in end_to_end(request) if pair[0].lower() not in replaced]
        return h11.Request(
            method=request.method, target=request.target, headers=[*own.items(), *kept]
        )

    def _connected(self, client: HttpConnection) -> tuple[Target, HttpConnection]:
        try:
            return self._connect()
        except _Answered:
            # Closing with unread data resets the connection, and the answer would be lost.
            deque(client.body(), maxlen=0)
            raise

    def _connect(self) -> tuple[Target, HttpConnection]:
        """Connect to the next target; one that refuses is skipped, because nothing was sent yet."""
        tried: set[Target] = set()
        while target := self.targets.acquire(tried):
            try:
                return target, target.connect()
            except OSError as error:
                self.targets.release(target)
                if not isinstance(error, ConnectionRefusedError):
                    raise _Answered(504) from error
                tried.add(target)
        raise _Answered(502 if tried else 503)


def _send(request: h11.Request, client: HttpConnection, upstream: HttpConnection) -> bool:
    """Forward the request; False if the target stopped reading before its end."""
    with suppress(Gone):
        upstream.send(request)
        for part in client.body():
            upstream.send(part)
        return True
    # It may have answered already, for example with 413.
    return False


def _receive(upstream: HttpConnection, client: HttpConnection, closing: bool) -> None:
    """Forward the response."""
    response = _response(upstream)
    headers = [*end_to_end(response), *[(b"Connection", b"close")] * closing]
    client.send(
        h11.Response(status_code=response.status_code, headers=headers, reason=response.reason)
    )
    try:
        for part in upstream.body():
            client.send(part)
    except h11.ProtocolError as error:
        # The head was already sent, so only the connection can be closed.
        raise ConnectionError("the target closed the connection in its answer") from error


def _response(upstream: HttpConnection) -> h11.Response:
    try:
        while isinstance(response := upstream.receive(), h11.InformationalResponse):
            pass
    except TimeoutError as error:
        raise _Answered(504) from error
    except (OSError, h11.RemoteProtocolError) as error:
        raise _Answered(502) from error
    if not isinstance(response, h11.Response):
        raise _Answered(502)
    return response


def _answer(client: HttpConnection, status: int) -> bool:
    body = f"<html><h1>{status} {_REASONS[status]}</h1></html>\r\n"
    # Without h11, which cannot send an answer to a request that it could not parse.
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}",
        "Server: awselb/2.0",
        "Content-Type: text/html",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    client.socket.sendall("\r\n".join((*head, "", body)).encode())
    return False
