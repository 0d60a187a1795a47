"""A user pool that publishes its keys over HTTP, at once or slowly, and counts the fetches."""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from tests.backend.kit import Issuer

HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n"
PAUSE = 0.1


class Pool:
    """The pool of an issuer; it answers at `address` for the time of a `with` block.

    Args:
        issuer: whose keys it publishes.
        quick: so many bytes of an answer come at once, the others one by one, which takes a minute.
            None for all at once.
    """

    def __init__(self, issuer: Issuer, quick: int | None = None) -> None:
        self.fetches, self.quick = 0, quick
        answer = HEAD + json.dumps(issuer.jwks()).encode()
        pool = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                pool.fetches += 1
                quick = len(answer) if pool.quick is None else pool.quick
                self.wfile.write(answer[:quick])
                with suppress(OSError):
                    for byte in answer[quick:]:
                        time.sleep(PAUSE)
                        self.wfile.write(bytes((byte,)))

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}
        )
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
