"""Fetches the key set of the user pool, with a limit on the total time."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

FETCH_SECONDS = 3.0
MAX_JWKS_BYTES = 64 * 1024


def fetch_jwks(url: str, seconds: float = FETCH_SECONDS) -> dict[str, Any]:
    """The key set at `url`, in `seconds` and 64 KB at most. Raises OSError or ValueError."""
    fetch = _Fetch(url)
    fetch.start()
    fetch.join(seconds)
    if fetch.is_alive():
        fetch.give_up()
        raise TimeoutError(f"the key set was not complete after {seconds:g} s")
    document = json.loads(fetch.body())
    if not isinstance(document, dict):
        raise ValueError("the key set is not an object")
    return document


class _Fetch(threading.Thread):
    """One GET in a separate thread, so that the caller can stop waiting.

    A socket's timeout applies to each read and each address of a host, and not to DNS lookups.
    """

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        # The URL is from the configuration, which allows only http(s).
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._connection = kind(parts.netloc, timeout=FETCH_SECONDS)
        self._path = parts.path
        self._socket: socket.socket | None = None
        self._given_up = False
        self._body = b""
        self._error: Exception | None = None

    def run(self) -> None:
        """Make the request; the result is in `body`."""
        try:
            self._body = self._get()
        except HTTPException as error:
            self._error = OSError(f"the answer is not HTTP: {error!r}")
        except Exception as error:
            self._error = error
        finally:
            self._connection.close()

    def body(self) -> bytes:
        """The body of the answer. Raises the request's error."""
        if self._error is not None:
            raise self._error
        return self._body

    def give_up(self) -> None:
        """Close the connection, which ends the thread."""
        self._given_up = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _get(self) -> bytes:
        self._connection.connect()
        self._socket = self._connection.sock
        if self._given_up:
            return b""
        self._connection.request("GET", self._path)
        with self._connection.getresponse() as answer:
            if answer.status != 200:
                raise OSError(f"the answer is {answer.status} {answer.reason}")
            return answer.read(MAX_JWKS_BYTES)
