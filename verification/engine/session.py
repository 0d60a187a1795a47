"""A user's HTTP session with a deployment: never a proxy, never a redirect, never a second try."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

_TIMEOUT = 30.0


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
    """Requests to one base URL, each thread over a connection of its own that stays open.

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
        self._parts = urlsplit(base_url)
        self._local = threading.local()
        self._connections: list[HTTPConnection] = []
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
            OSError, HTTPException: there was no complete answer.
        """
        if self._ended:
            raise ConnectionAbortedError("the session was ended")
        data = None if body is None else json.dumps(body).encode()
        connection = self._connection()
        try:
            connection.request(method, path, data, self._headers(data) | dict(headers or {}))
            response = connection.getresponse()
            content = response.read()
        except (OSError, HTTPException):
            connection.close()
            raise
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, named, content)

    def close(self) -> None:
        """Close the connections of all threads; another request opens its own again."""
        for connection in self._connections:
            connection.close()

    def end(self) -> None:
        """Close for good: every later request fails."""
        self._ended = True
        self.close()

    def _headers(self, data: bytes | None) -> dict[str, str]:
        headers = {} if data is None else {"Content-Type": "application/json"}
        if self.tokens is not None:
            headers["Authorization"] = f"Bearer {self.tokens.id}"
        return headers

    def _connection(self) -> HTTPConnection:
        made: HTTPConnection | None = getattr(self._local, "connection", None)
        if made is None:
            kind = HTTPSConnection if self._parts.scheme == "https" else HTTPConnection
            made = kind(str(self._parts.hostname), self._parts.port, timeout=_TIMEOUT)
            self._local.connection = made
            self._connections.append(made)
        return made


def fetch(
    method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """Make one request to a whole address, as a browser that was sent there does."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(str(parts.hostname), parts.port, timeout=_TIMEOUT)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, body, dict(headers or {}))
        response = connection.getresponse()
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, named, response.read())
    finally:
        connection.close()
