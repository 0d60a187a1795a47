"""A session: one answer for each request, whatever became of its connection meanwhile."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from functools import partial

import pytest

from tests.engine.aws.fargate.kit import eventually
from verification.engine.smoke.http_session import (
    Answer,
    NoAnswer,
    Session,
    UnexpectedAnswer,
    fetch,
)

ANSWER = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 2\r\n\r\n{}"


class Server:
    """Answers one request on each connection, leaves it open, and closes it when told to."""

    def __init__(self, answer: bytes = ANSWER) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.answer, self.asked = answer, list[bytes]()
        self.open: list[socket.socket] = []
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.asked.append(client.recv(65536))
            self.open.append(client)
            client.sendall(self.answer)

    def has_answered(self, count: int) -> bool:
        """Whether it answered so often, and holds a connection."""
        return len(self.asked) == count and bool(self.open)

    def close_after_a_request(self) -> None:
        """End it once a request is there."""
        eventually(lambda: self.open)
        self.close()

    def hang_up(self) -> None:
        """Close every connection, as a load balancer does to one that was idle for too long."""
        while self.open:
            self.open.pop().close()

    def close(self) -> None:
        """End it."""
        self.hang_up()
        self.listener.close()


@pytest.fixture(name="server")
def _server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


def test_a_connection_that_was_closed_is_replaced(server: Server) -> None:
    """The next request after an idle minute gets its answer, over a new connection."""
    session = Session(server.url)
    for count in (1, 2, 3):
        assert session.get("/a").status == 302
        eventually(partial(server.has_answered, count))
        server.hang_up()
    session.close()


def test_a_redirect_is_an_answer(server: Server) -> None:
    """Nobody goes where it leads, and the body is read."""
    answer = fetch("GET", f"{server.url}/x")
    assert (answer.status, answer.headers["location"]) == (302, "http://127.0.0.1:9/")
    assert answer.json() == {}


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (
            500,
            b'{"error": {"code": "internal_error"}}',
            "POST /api/links: the answer is 500 (internal_error); expected 201.",
        ),
        (502, b"<html>", "POST /api/links: the answer is 502; expected 201."),
        (201, b"{}", "POST /api/links: the answer is 201 without link.short_code."),
        (201, b'{"link": []}', "POST /api/links: the answer is 201 without link.short_code."),
        (201, b"made", "POST /api/links: the answer is 201 without link.short_code."),
    ],
    ids=["error", "no JSON", "nothing in it", "another form", "text"],
)
def test_an_answer_that_cannot_be_read_is_a_finding(status: int, body: bytes, says: str) -> None:
    """Request, status and error code are named; it fails, and no machine is to blame."""
    with pytest.raises(UnexpectedAnswer) as caught:
        Answer(status, {}, body, "POST /api/links", 0.0, 0.1).read(201, "link", "short_code")
    assert str(caught.value).startswith(says)
    assert not caught.value.unknown


def test_an_answer_is_read_by_path() -> None:
    """Where all is well, it is what the body has there."""
    answer = Answer(201, {}, b'{"link": {"short_code": "abc"}}', "POST /api/links", 0.0, 0.1)
    assert answer.read(201, "link", "short_code") == "abc"
    assert answer.read(201) == {"link": {"short_code": "abc"}}
    assert answer.demand(200, 201) is answer


def test_no_request_is_made_twice() -> None:
    """A request that was sent and not answered is not sent again: it is told as what it is."""
    server = Server(answer=b"")
    session = Session(server.url)
    try:
        thread = threading.Thread(target=server.close_after_a_request)
        thread.start()
        with pytest.raises(NoAnswer, match=r"GET http://127\.0\.0\.1"):
            session.get("/once")
        thread.join()
        assert len(server.asked) == 1
    finally:
        session.close()
        server.close()


def test_nobody_there_is_told() -> None:
    """A refused connection is no answer, in one sentence."""
    with pytest.raises(NoAnswer, match=r"http://127\.0\.0\.1:9/: "):
        Session("http://127.0.0.1:9").get("/")


def test_an_ended_session_asks_nothing(server: Server) -> None:
    """Closed, a session opens its connections again; ended, it does not."""
    session = Session(server.url)
    session.close()
    assert session.get("/").status == 302
    session.end()
    with pytest.raises(NoAnswer, match="ended"):
        session.get("/")


def test_no_proxy_of_the_shell(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests go where they are addressed."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert Session(server.url).get("/").status == 302
