"""The load balancer of the ECS agent: what it passes on, to whom, and what it says by itself."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from http.server import ThreadingHTTPServer
from typing import Any

import pytest

from tests.engine.aws.fargate.kit import eventually
from tests.engine.aws.fargate.target import Backend
from verification.engine.aws.fargate.definitions import HealthCheck
from verification.engine.aws.fargate.load_balancer.balancer import Balancer
from verification.engine.aws.fargate.tasks.process import free_port
from verification.engine.smoke.http_session import Session
from verification.engine.system import yardstick

CHECK = HealthCheck("/ready", "200", interval=0.05, timeout=1, healthy=2, unhealthy=3)


Start = Callable[..., ThreadingHTTPServer]


@pytest.fixture(name="start")
def _start() -> Iterator[Start]:
    servers: list[ThreadingHTTPServer] = []

    def start(name: str, ready: bool = True, pause: float = 0.0) -> Any:
        server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Backend)
        server.name, server.ready, server.daemon_threads = name, ready, True
        server.pause = pause
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(name="balancer")
def _balancer() -> Iterator[Balancer]:
    balancer = Balancer(CHECK, deregistration_delay=1)
    balancer.start()
    yield balancer
    balancer.stop()


@pytest.fixture(name="session")
def _session(balancer: Balancer) -> Iterator[Session]:
    session = Session(f"http://127.0.0.1:{balancer.port}")
    yield session
    session.close()


def register(balancer: Balancer, server: Any, state: str = "healthy") -> None:
    """Register a server under its name and wait until the balancer knows how it does."""
    balancer.targets.register(server.name, server.server_port)
    eventually(lambda: balancer.targets.state(server.name) == state)


def names(session: Session, times: int) -> list[str]:
    """Who answered."""
    return [session.get("/").json()["name"] for _ in range(times)]


def test_nobody_registered_is_503(session: Session) -> None:
    """Without a target the balancer says 503, also to a request with a body."""
    assert session.get("/").status == 503
    assert session.post("/", {"a": "b" * 100_000}).status == 503


def test_takes_turns(balancer: Balancer, session: Session, start: Start) -> None:
    """Healthy targets are asked in turn."""
    register(balancer, start("a"))
    register(balancer, start("b"))
    assert sorted(names(session, 6)) == ["a"] * 3 + ["b"] * 3


def test_unhealthy_gets_nothing_until_it_recovers(
    balancer: Balancer, session: Session, start: Start
) -> None:
    """A target that fails its checks gets no requests, and gets them again when it passes."""
    register(balancer, start("a"))
    server: Any = start("b")
    register(balancer, server)
    server.ready = False
    eventually(lambda: balancer.targets.state("b") == "unhealthy")
    assert names(session, 4) == ["a"] * 4
    server.ready = True
    eventually(lambda: balancer.targets.state("b") == "healthy")
    assert set(names(session, 4)) == {"a", "b"}


@pytest.mark.parametrize(("slowness", "state"), [(1.0, "unhealthy"), (30.0, "healthy")])
def test_a_slow_machine_has_longer_to_answer(
    balancer: Balancer,
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    slowness: float,
    state: str,
) -> None:
    """What answers later than the check's timeout is unhealthy, unless the machine is slow."""
    monkeypatch.setattr(yardstick, "slowness", lambda: slowness)
    register(balancer, start("a", pause=CHECK.timeout * 1.5), state)


def test_fails_open(balancer: Balancer, session: Session, start: Start) -> None:
    """When every target is unhealthy, all get requests, as behind an ALB."""
    register(balancer, start("a", ready=False), "unhealthy")
    assert names(session, 1) == ["a"]


def test_refused_connection_is_passed_over(
    balancer: Balancer, session: Session, start: Start
) -> None:
    """A target that refuses the connection costs no request while another one is healthy."""
    register(balancer, start("a"))
    balancer.targets.register("gone", free_port())
    target = next(t for t in balancer.targets.all() if t.ident == "gone")
    target.was_healthy, target.state = True, "healthy"
    assert names(session, 4) == ["a"] * 4


def test_broken_answer_is_502(balancer: Balancer, session: Session, start: Start) -> None:
    """A target that ends the connection instead of answering is asked once, and told as 502."""
    register(balancer, start("a"))
    register(balancer, start("b"))
    assert session.get("/abort").status == 502


def test_headers_are_an_albs(balancer: Balancer, session: Session, start: Start) -> None:
    """The target learns who asked and how; Host stays, what concerns one connection does not."""
    register(balancer, start("a"))
    sent = {"X-Forwarded-For": "1.2.3.4", "Host": "files.example", "Connection": "X-Mine, Upgrade"}
    more = {"X-Mine": "1", "X-Forwarded-Host": "h", "Upgrade": "websocket"}
    seen = session.get("/", sent | more).json()["headers"]
    assert session.get("/").status == 200
    assert seen["X-Forwarded-For"] == "1.2.3.4, 127.0.0.1"
    assert (seen["X-Forwarded-Proto"], seen["X-Forwarded-Port"]) == ("http", str(balancer.port))
    assert (seen["Host"], seen["X-Forwarded-Host"]) == ("files.example", "h")
    assert seen["X-Amzn-Trace-Id"].startswith("Root=1-")
    assert not {"X-Mine", "Upgrade"} & set(seen)


def test_connections_stay_open(balancer: Balancer, session: Session, start: Start) -> None:
    """Client and target are each asked over one connection, answer after answer."""
    register(balancer, start("a"))
    ports = {session.get(path).json()["port"] for path in ("/", "/chunks", "/", "/chunks")}
    assert len(ports) == 1
    assert session.request("HEAD", "/").body == b""
    assert session.get("/").json()["port"] in ports


def test_both_cookies_arrive(balancer: Balancer, start: Start) -> None:
    """Headers that come twice are passed on twice."""
    register(balancer, start("a"))
    connection = HTTPConnection("127.0.0.1", balancer.port)
    connection.request("GET", "/")
    response = connection.getresponse()
    response.read()
    assert response.headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    connection.close()


@pytest.mark.parametrize("chunked", [False, True])
def test_large_bodies_stream(balancer: Balancer, start: Start, chunked: bool) -> None:
    """Megabytes go there and back, with a length or in chunks."""
    register(balancer, start("a"))
    body = bytes(range(256)) * 20_000
    pieces = [body[n : n + 100_000] for n in range(0, len(body), 100_000)]
    connection = HTTPConnection("127.0.0.1", balancer.port)
    connection.request("POST", "/", iter(pieces) if chunked else body, encode_chunked=chunked)
    assert connection.getresponse().read() == body
    connection.close()


def test_draining_finishes_what_is_in_flight(
    balancer: Balancer, session: Session, start: Start
) -> None:
    """A deregistered target finishes its request and gets no other."""
    register(balancer, start("a"))
    register(balancer, start("b"))
    answers: list[str] = []

    def slow() -> None:
        mine = Session(session.base_url)
        answers.append(mine.get("/slow").json()["name"])
        mine.close()

    threads = [threading.Thread(target=slow) for _ in range(2)]
    for thread in threads:
        thread.start()
    eventually(lambda: all(target.in_flight for target in balancer.targets.all()))
    balancer.targets.deregister("a")
    assert not balancer.targets.drained("a")
    assert names(session, 4) == ["b"] * 4
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["a", "b"]
    eventually(lambda: balancer.targets.drained("a"))


def test_draining_is_bounded(balancer: Balancer, start: Start) -> None:
    """After the deregistration delay a target counts as drained, whatever is in flight."""
    register(balancer, start("a"))
    (target,) = balancer.targets.all()
    target.in_flight += 1
    balancer.targets.deregister("a")
    assert not balancer.targets.drained("a")
    eventually(lambda: balancer.targets.drained("a"))


@pytest.mark.parametrize(
    "request_text",
    [
        b"nonsense\r\n\r\n",
        b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 70_000,
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n",
    ],
)
def test_nonsense_is_400(balancer: Balancer, start: Start, request_text: bytes) -> None:
    """What is no clear HTTP request is refused."""
    register(balancer, start("a"))
    assert asked(balancer, request_text).startswith(b"HTTP/1.1 400 Bad Request")


def test_http_1_0_is_answered_and_closed(balancer: Balancer, start: Start) -> None:
    """Such a client needs no Host, gets no chunks, and is told the end by the connection's."""
    register(balancer, start("a"))
    answer = asked(balancer, b"GET /chunks HTTP/1.0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"chunked" not in answer
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["headers"]["Host"].startswith("127.0.0.1:")


def test_client_that_waits_is_told_to_go_on(balancer: Balancer, start: Start) -> None:
    """The balancer answers Expect itself: the target never sees it."""
    register(balancer, start("a"))
    with socket.create_connection(("127.0.0.1", balancer.port), timeout=5) as client:
        client.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        )
        assert client.recv(100).startswith(b"HTTP/1.1 100 ")
        client.sendall(b"ab")
        assert client.makefile("rb").readline() == b"HTTP/1.1 200 OK\r\n"


def asked(balancer: Balancer, request_text: bytes) -> bytes:
    """All that comes back until the connection ends."""
    with socket.create_connection(("127.0.0.1", balancer.port), timeout=5) as client:
        client.sendall(request_text)
        return client.makefile("rb").read()
