"""Fetching the pool's keys ends in time, however slowly they come."""

from __future__ import annotations

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from backend import jwks
from backend.jwks import MAX_JWKS_BYTES, fetch_jwks
from tests.backend.kit import Issuer
from tests.backend.pool import HEAD, Pool
from tests.kit import wait_for


def fetching() -> bool:
    """Whether a thread still fetches."""
    return any(isinstance(thread, jwks._Fetch) for thread in threading.enumerate())


def test_a_key_set_is_fetched(issuer: Issuer) -> None:
    """The keys are those that the pool publishes."""
    with Pool(issuer) as pool:
        assert fetch_jwks(f"{pool.address}/keys") == issuer.jwks()


@pytest.mark.parametrize("quick", [0, len(HEAD)], ids=["head", "body"])
def test_a_trickling_answer_is_given_up(issuer: Issuer, quick: int) -> None:
    """Bytes that keep coming do not prolong it, and the thread that reads them ends, too."""
    with Pool(issuer, quick) as pool:
        with pytest.raises(TimeoutError, match="the key set was not complete"):
            fetch_jwks(pool.address, 0.5)
        wait_for(lambda: not fetching())


def test_a_silent_pool_is_given_up() -> None:
    """A pool that takes the connection and never answers is waited for no longer."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(TimeoutError):
            fetch_jwks(address, 0.2)
        wait_for(lambda: not fetching())


def test_looking_up_the_host_is_part_of_it(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver that does not answer is waited for no longer; nothing is asked when it does."""
    answers, look_up = threading.Event(), socket.getaddrinfo

    def look_up_slowly(*arguments: Any, **named: Any) -> Any:
        answers.wait()
        return look_up(*arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up_slowly)
    with Pool(issuer) as pool:
        with pytest.raises(TimeoutError):
            fetch_jwks(pool.address, 0.2)
        answers.set()
        wait_for(lambda: not fetching())
        assert pool.fetches == 0


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.0 500 Oh\r\n\r\n{}", "the answer is 500 Oh"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "the answer is not HTTP"),
        (b"HTTP/1.0 200 OK\r\n\r\n[]", "the key set is not an object"),
        (b"HTTP/1.0 200 OK\r\n\r\n<html>", "Expecting value"),
        (b'HTTP/1.0 200 OK\r\n\r\n{"keys": [' + b" " * MAX_JWKS_BYTES + b"]}", "Expecting value"),
    ],
    ids=["error", "not HTTP", "list", "no JSON", "too long"],
)
def test_another_answer_is_a_failed_fetch(answer: bytes, error: str) -> None:
    """Whatever is no key set raises what the caller expects, with a reason for the log."""

    class Handler(BaseHTTPRequestHandler):
        def handle(self) -> None:
            self.rfile.readline()
            self.wfile.write(answer)

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        with pytest.raises((OSError, ValueError), match=error):
            fetch_jwks(f"http://127.0.0.1:{server.server_port}")
        thread.join()


def test_a_closed_port_is_a_failed_fetch() -> None:
    """Nobody there is an OSError at once."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        began = time.monotonic()
        with pytest.raises(OSError, match="refused"):
            fetch_jwks(f"http://127.0.0.1:{unused.getsockname()[1]}", 60)
        assert time.monotonic() - began < 30
