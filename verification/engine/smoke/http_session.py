"""A user's HTTP session with a deployment: never a proxy, never a redirect, never a second try."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError, LocationValueError

# Seconds. Longer than a load balancer waits for its target: it is the one to give up.
_TIMEOUT = urllib3.Timeout(connect=30.0, read=120.0)
_MOST_OPEN = 64


class NoAnswer(OSError):
    """A request got no complete answer: refused, cut off, or none in time."""


@dataclass(frozen=True)
class Answer:
    """One answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """What the body says; ValueError if it is not JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Tokens:
    """What the user pool gave for a sign-in."""

    id: str
    access: str


class Session:
    """Requests to one base URL over connections that stay open, from any number of threads.

    A connection that the other side closed while nobody used it is replaced before it is used.

    Args:
        base_url: without a slash at the end.
        tokens: those of the user that asks, or None for a visitor.
        user_id: the user's `sub`.
        email: the user's address.
        password: what the user signs in with; a browser has to type it.
    """

    def __init__(
        self,
        base_url: str,
        tokens: Tokens | None = None,
        user_id: str = "",
        email: str = "",
        password: str = "",
    ) -> None:
        self.base_url, self.tokens, self.user_id = base_url, tokens, user_id
        self.email, self.password = email, password
        self._guard = Lock()
        self._pool: urllib3.PoolManager | None = None
        self._ended = False

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """GET a path."""
        return self.request("GET", path, headers=headers)

    def post(self, path: str, body: object = None) -> Answer:
        """POST JSON to a path."""
        return self.request("POST", path, {} if body is None else body)

    def delete(self, path: str) -> Answer:
        """DELETE a path."""
        return self.request("DELETE", path)

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Make one request, with a JSON body unless that is None.

        Raises:
            NoAnswer: there was no complete answer, or the session was ended.
        """
        data = None if body is None else json.dumps(body).encode()
        sent = self._headers(data) | dict(headers or {})
        return _ask(self._connections(), method, f"{self.base_url}{path}", data, sent)

    def close(self) -> None:
        """Close all connections that are not in use; another request opens its own again."""
        with self._guard:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.clear()

    def end(self) -> None:
        """Close for good: every later request fails."""
        self._ended = True
        self.close()

    def _headers(self, data: bytes | None) -> dict[str, str]:
        headers = {} if data is None else {"Content-Type": "application/json"}
        if self.tokens is not None:
            headers["Authorization"] = f"Bearer {self.tokens.id}"
        return headers

    def _connections(self) -> urllib3.PoolManager:
        with self._guard:
            if self._ended:
                raise NoAnswer("the session was ended")
            if self._pool is None:
                self._pool = _pool()
            return self._pool


def fetch(
    method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """Make one request to a whole address, as a browser that was sent there does.

    Raises:
        NoAnswer: there was no complete answer.
    """
    pool = _pool()
    try:
        return _ask(pool, method, url, body, headers or {})
    finally:
        pool.clear()


def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(maxsize=_MOST_OPEN, timeout=_TIMEOUT, retries=False)


def _ask(
    pool: urllib3.PoolManager,
    method: str,
    url: str,
    body: bytes | None,
    headers: Mapping[str, str],
) -> Answer:
    try:
        answer = pool.request(method, url, body=body, headers=headers, redirect=False)
    except (HTTPError, LocationValueError) as error:
        raise NoAnswer(f"{method} {url}: {error}") from error
    named = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(answer.status, named, answer.data)
