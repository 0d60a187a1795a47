"""HTTP/1.1 messages as a load balancer handles them: heads it changes, bodies it passes through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedReader

_MOST_HEADERS = 200
_LONGEST_LINE = 65536
_PIECE = 65536
# What concerns one connection only (RFC 9110, 7.6.1).
_HOP_BY_HOP = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"upgrade")
)

CHUNKED = -1
UNTIL_CLOSE = -2

Write = Callable[[bytes], object]


class Malformed(Exception):
    """What came is no HTTP/1.1 message, or ended too early."""


@dataclass
class Head:
    """The first line's three words and the headers of a message, in the order they came."""

    start: tuple[bytes, bytes, bytes]
    headers: list[tuple[bytes, bytes]]

    def get(self, name: bytes) -> bytes:
        """The values of a header, joined as the standard joins them; empty without it."""
        return b", ".join(value for key, value in self.headers if key.lower() == name)

    def drop(self, *names: bytes) -> None:
        """Remove headers by their lower-case names."""
        self.headers = [pair for pair in self.headers if pair[0].lower() not in names]

    def drop_hop_by_hop(self) -> None:
        """Remove what concerned only the connection that the message came over."""
        named = {name.strip().lower() for name in self.get(b"connection").split(b",")}
        self.drop(*(_HOP_BY_HOP | named))

    def set(self, name: bytes, value: bytes) -> None:
        """Give a header one value, instead of whatever it had."""
        self.drop(name.lower())
        self.headers.append((name, value))

    def encode(self) -> bytes:
        """The head as it is sent."""
        lines = [b" ".join(self.start), *(b": ".join(pair) for pair in self.headers), b"", b""]
        return b"\r\n".join(lines)

    @property
    def status(self) -> int:
        """A response's status."""
        return int(self.start[1])

    @property
    def closes(self) -> bool:
        """Whether the sender closes the connection after this message."""
        version = self.start[0] if self.start[0].startswith(b"HTTP/") else self.start[2]
        asked = self.get(b"connection").lower()
        return b"close" in asked or (version == b"HTTP/1.0" and b"keep-alive" not in asked)

    def request_body(self) -> int:
        """How long a request's body is, or CHUNKED."""
        return self._declared(otherwise=0)

    def response_body(self, method: bytes) -> int:
        """How long the body of the response to such a request is, or CHUNKED, or UNTIL_CLOSE."""
        if method == b"HEAD" or self.status in (204, 304) or self.status < 200:
            return 0
        return self._declared(otherwise=UNTIL_CLOSE)

    def _declared(self, otherwise: int) -> int:
        coding, length = self.get(b"transfer-encoding").lower(), self.get(b"content-length")
        if coding and (coding != b"chunked" or length):
            raise Malformed("a transfer coding that is not just chunked")
        if coding:
            return CHUNKED
        if not length:
            return otherwise
        if not length.isdigit():
            raise Malformed(f"a length of {length!r}")
        return int(length)


def read_head(stream: BufferedReader) -> Head | None:
    """Read a message's head; None when the connection ended instead.

    Raises:
        Malformed: what came is something else.
    """
    first = _line(stream, at_start=True)
    if not first:
        return None
    words = first.split(b" ", 2)
    if len(words) == 2 and words[0].startswith(b"HTTP/"):
        words.append(b"")
    if len(words) != 3:
        raise Malformed(f"a first line of {first[:60]!r}")
    headers: list[tuple[bytes, bytes]] = []
    while line := _line(stream):
        name, colon, value = line.partition(b":")
        if not colon or not name or name != name.strip() or len(headers) == _MOST_HEADERS:
            raise Malformed(f"a header of {line[:60]!r}")
        headers.append((name, value.strip()))
    return Head((words[0], words[1], words[2]), headers)


def pass_body(length: int, source: BufferedReader, write: Write) -> None:
    """Pass a body on piece by piece, as it comes.

    Raises:
        Malformed: it ended too early, or its chunks make no sense.
    """
    if length == CHUNKED:
        _pass_chunks(source, write)
    elif length == UNTIL_CLOSE:
        while piece := source.read1(_PIECE):
            write(piece)
    else:
        _pass_bytes(length, source, write)


def _pass_bytes(length: int, source: BufferedReader, write: Write) -> None:
    while length:
        piece = source.read1(min(length, _PIECE))
        if not piece:
            raise Malformed("a body that ended too early")
        length -= len(piece)
        write(piece)


def _pass_chunks(source: BufferedReader, write: Write) -> None:
    while True:
        line = _line(source)
        try:
            size = int(line.split(b";")[0], 16)
        except ValueError as error:
            raise Malformed(f"a chunk size of {line[:60]!r}") from error
        write(line + b"\r\n")
        if size == 0:
            break
        _pass_bytes(size + 2, source, write)
    while trailer := _line(source):
        write(trailer + b"\r\n")
    write(b"\r\n")


def _line(stream: BufferedReader, at_start: bool = False) -> bytes:
    line = stream.readline(_LONGEST_LINE)
    if not line and at_start:
        return b""
    if not line.endswith(b"\n"):
        raise Malformed("a line that does not end")
    return line.rstrip(b"\r\n")
