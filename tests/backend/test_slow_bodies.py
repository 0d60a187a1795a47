"""Bodies that come slowly, or never, hold nobody else up: against gunicorn itself."""

from __future__ import annotations

import json
import socket
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from http.client import HTTPConnection, HTTPResponse

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from backend.config import load_config
from backend.gunicorn_worker import BODY_SECONDS
from tests.backend.kit import ENVIRONMENT, Issuer
from tests.backend.pool import Pool
from tests.backend.process import free_port, get, processes, wait_until_alive
from tests.kit import HANG

pytestmark = pytest.mark.slow

CROWD = 80
# gunicorn.conf.py: two workers of 16 threads, half of which wait.
PLACES = 16
LINK = json.dumps({"target": "https://example.com/"}).encode()


@pytest.fixture(name="issuer", scope="module")
def _issuer(private_key: RSAPrivateKey) -> Issuer:
    """The user pool's signer."""
    return Issuer(private_key, load_config(ENVIRONMENT))


@pytest.fixture(name="pool", scope="module")
def _pool(issuer: Issuer) -> Iterator[str]:
    """Where the user pool publishes its keys."""
    with Pool(issuer) as pool:
        yield pool.address


@pytest.fixture(name="port", scope="module")
def _port(pool: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a backend that runs; each test finds it as it was."""
    port = free_port()
    with processes(tmp_path_factory.mktemp("slow")) as start:
        # Nobody reads what it logs meanwhile: a full pipe would stop it.
        quiet = {"LOG_LEVEL": "ERROR"}
        start(ENVIRONMENT | quiet | {"PORT": str(port), "COGNITO_ENDPOINT_URL": pool})
        wait_until_alive(port)
        yield port


def head(headers: dict[str, str], length: int | None = 1000) -> bytes:
    """The head of a request for a link, with a body of so many bytes, or of chunks."""
    framing = {"Transfer-Encoding": "chunked"} if length is None else {"Content-Length": length}
    lines = {"Host": "x", "Content-Type": "application/json"} | framing | headers
    text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST /api/links HTTP/1.1\r\n{text}\r\n".encode()


def connect(port: int, sent: bytes) -> socket.socket:
    """A connection on which so much was sent."""
    client = socket.create_connection(("127.0.0.1", port), timeout=HANG)
    client.sendall(sent)
    return client


def read_all(client: socket.socket) -> bytes:
    """All that comes until the server ends the connection."""
    parts = []
    while data := client.recv(65536):
        parts.append(data)
    return b"".join(parts)


def status_of(answer: bytes) -> int:
    """The status of an answer."""
    return int(answer.split(b" ", 2)[1])


def slowest_health(port: int, seconds: float) -> float:
    """The longest that /health took, asked again and again for so long, on new connections."""
    slowest, ends = 0.0, time.monotonic() + seconds
    while time.monotonic() < ends:
        began = time.monotonic()
        assert get(port, "/health") == 200
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.02)
    return slowest


def besiege(port: int, headers: dict[str, str]) -> list[bytes]:
    """Let a crowd announce 1,000 bytes and send one each; gives their answers.

    Meanwhile /health never waits for half of the time that a body may take.
    """
    with ExitStack() as stack, ThreadPoolExecutor(CROWD) as pool:
        crowd = [stack.enter_context(connect(port, head(headers) + b"{")) for _ in range(CROWD)]
        answers = [pool.submit(read_all, client) for client in crowd]
        slowest = slowest_health(port, BODY_SECONDS + 1)
        assert slowest < BODY_SECONDS / 2
        return [answer.result(HANG) for answer in answers]


@pytest.mark.parametrize("connection", ["keep-alive", "close"])
def test_strangers_wait_for_nothing(port: int, connection: str) -> None:
    """Without a token nobody's body is waited for, and the connection ends with the answer."""
    answers = besiege(port, {"Connection": connection})
    assert Counter(map(status_of, answers)) == {401: CROWD}
    assert all(b"\r\nConnection: close\r\n" in answer for answer in answers)


def test_users_wait_in_half_of_the_threads(port: int, issuer: Issuer) -> None:
    """As many as have a place wait until time is up; the others are asked to come again."""
    answers = besiege(port, issuer.bearer())
    statuses = Counter(map(status_of, answers))
    assert set(statuses) == {408, 503}
    assert statuses[408] <= PLACES
    busy = [answer for answer in answers if status_of(answer) == 503]
    assert all(b"\r\nRetry-After: 5\r\n" in answer for answer in busy)


def test_whole_bodies_need_no_place(port: int, issuer: Issuer) -> None:
    """While slow bodies take all places, a request whose body is there is answered."""
    headers = issuer.bearer()
    with ExitStack() as stack:
        for _ in range(CROWD):
            stack.enter_context(connect(port, head(headers) + b"{"))
        began = time.monotonic()
        with connect(port, head({**headers, "Connection": "close"}, len(LINK)) + LINK) as honest:
            assert status_of(read_all(honest)) == 201
        assert time.monotonic() - began < BODY_SECONDS


def test_dripping_bodies_have_one_limit_in_all(port: int, issuer: Issuer) -> None:
    """A byte now and then does not begin the wait again."""
    began = time.monotonic()
    with connect(port, head(issuer.bearer())) as client:
        client.settimeout(0.25)
        answer = b""
        while not answer and time.monotonic() - began < 4 * BODY_SECONDS:
            client.sendall(b" ")
            try:
                answer = client.recv(65536)
            except TimeoutError:
                continue
    assert status_of(answer) == 408
    assert time.monotonic() - began >= BODY_SECONDS


@pytest.mark.parametrize("length", [len(LINK), None], ids=["length", "chunks"])
def test_a_body_may_come_in_parts(port: int, issuer: Issuer, length: int | None) -> None:
    """A body that follows its head, part by part, is read, and the connection goes on."""
    body = LINK if length else f"{len(LINK):x}\r\n".encode() + LINK + b"\r\n0\r\n\r\n"
    with connect(port, b"") as client:
        for _ in range(2):
            for part in (head(issuer.bearer(), length), body[:5], body[5:]):
                client.sendall(part)
                time.sleep(0.2)
            answer = HTTPResponse(client)
            answer.begin()
            answer.read()
            assert (answer.status, answer.getheader("Connection")) == (201, "keep-alive")


def test_a_refused_request_keeps_its_connection(port: int) -> None:
    """Where the body comes at once, if after its head, an answer that needs none ends nothing.

    On a busy machine "at once" can be missed, so one of several connections is enough.
    """
    assert any(_is_kept(port) for _ in range(20))


def _is_kept(port: int) -> bool:
    """Whether a connection carries a second request after one that was refused."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=HANG)) as connection:
        for _ in range(2):
            connection.request("POST", "/api/links", LINK, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 401
            if answer.getheader("Connection") != "keep-alive":
                return False
    return True


@pytest.mark.parametrize("chunk", [b"no-length\r\n", b"5\r\n{}   never", b"\n\n\n\r\n"])
def test_chunks_that_are_none_are_a_bad_request(port: int, issuer: Issuer, chunk: bytes) -> None:
    """Framing that is no HTTP is an error of the client's, and the end of the connection."""
    with connect(port, head(issuer.bearer(), None) + chunk) as client:
        assert status_of(read_all(client)) == 400


def test_a_place_is_given_back(port: int, issuer: Issuer) -> None:
    """After a crowd has come and gone, slow bodies are waited for as before."""
    with ExitStack() as stack:
        for _ in range(CROWD):
            stack.enter_context(connect(port, head(issuer.bearer()) + b"{"))
    with connect(port, head({**issuer.bearer(), "Connection": "close"}, len(LINK))) as client:
        time.sleep(0.2)
        client.sendall(LINK)
        assert status_of(read_all(client)) == 201
