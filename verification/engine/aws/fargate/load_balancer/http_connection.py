"""HTTP/1.1 connections of the load balancer, to its clients and its targets."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress

import h11
from urllib3.util.wait import wait_for_read

_PIECE = 65536
_LONGEST_HEAD = 65536
# The timeout for the other side.
_SECONDS = 60.0
# Hop-by-hop headers (RFC 9110, 7.6.1). h11 handles the framing of bodies.
_HOP_BY_HOP = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"upgrade")
)

Headers = list[tuple[bytes, bytes]]


class Gone(ConnectionError):
    """The other side no longer reads."""


class HttpConnection:
    """An open socket and its h11 state.

    Args:
        opened: the socket.
        role: the role of this side, h11.SERVER to clients and h11.CLIENT to targets.
    """

    def __init__(self, opened: socket.socket, role: type[h11.SERVER] | type[h11.CLIENT]) -> None:
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.settimeout(_SECONDS)
        self.socket = opened
        self._state = h11.Connection(role, max_incomplete_event_size=_LONGEST_HEAD)

    def receive(self) -> h11.Event:
        """The next event; `ConnectionClosed` at the end.

        Raises:
            RemoteProtocolError: it is not an HTTP/1.1 message, or incomplete.
            OSError: a timeout, or the connection broke.
        """
        while (event := self._state.next_event()) is h11.NEED_DATA:
            if self._state.they_are_waiting_for_100_continue:
                with suppress(Gone):
                    self.send(h11.InformationalResponse(status_code=100, headers=[]))
            self._state.receive_data(self.socket.recv(_PIECE))
        assert not isinstance(event, type)  # Callers stop at the end of a message.
        return event

    def body(self) -> Iterator[h11.Event]:
        """The rest of a message including its end; see `receive`."""
        event = self.receive()
        while not isinstance(event, h11.EndOfMessage):
            yield event
            event = self.receive()
        yield event

    def send(self, event: h11.Event) -> None:
        """Send a part of a message.

        Raises:
            Gone: the other side no longer reads.
        """
        data = self._state.send(event)
        try:
            self.socket.sendall(data or b"")
        except OSError as error:
            raise Gone(str(error)) from error

    def usable(self) -> bool:
        """Whether an idle connection is still open, without unexpected data."""
        return not wait_for_read(self.socket, timeout=0)

    def next_message(self) -> bool:
        """Prepare for the next request; False if the connection cannot carry one."""
        if not self._state.our_state is self._state.their_state is h11.DONE:
            return False
        self._state.start_next_cycle()
        return True

    def close(self) -> None:
        """Close it."""
        self.socket.close()


def end_to_end(message: h11.Request | h11.Response) -> Headers:
    """The headers without hop-by-hop headers."""
    named = set(header(message, b"connection").lower().replace(b" ", b"").split(b","))
    pairs = message.headers.raw_items()
    return [(name, value) for name, value in pairs if name.lower() not in _HOP_BY_HOP | named]


def header(message: h11.Request | h11.Response, name: bytes) -> bytes:
    """The values of a header, joined as in RFC 9110; empty without it."""
    return b", ".join(value for key, value in message.headers if key == name)
