"""An HTTP/1.1 server with persistent connections."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from verification.engine.aws.emulator.server.aws_response import Response

Answer = Callable[[dict[str, Any], bytes], Response]


class _Handler(MotoRequestHandler):
    """Reads the whole request, then writes the whole answer.

    werkzeug 3.1.9 closes every connection after one answer, also in HTTP/1.1, because it cannot
    distinguish an unread body from the next request. Reading the body first avoids that.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # Send head and body together. On a busy machine the AWS SDK for Go sometimes closes a
    # connection between head and body (retry_cache.py), but it still reads what came with the head.
    wbufsize = 2**16

    def run_wsgi(self) -> None:
        if self.headers.get("Expect", "").lower().strip() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        environ: dict[str, Any] = self.make_environ()
        body = self._read(environ)
        environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        answer: Any = self.server.app
        self._write(answer(environ, body))

    def finish(self) -> None:
        """Close the connection, ignoring a client that has already closed it."""
        with suppress(ConnectionError):
            super().finish()

    def _read(self, environ: dict[str, Any]) -> bytes:
        if environ.pop("HTTP_TRANSFER_ENCODING", "") == "chunked":
            return bytes(environ["wsgi.input"].read())
        return self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0))

    def _write(self, response: Response) -> None:
        if response.lost:
            self.close_connection = True
            return
        self.send_response(response.status)
        ours = {"content-length", "connection", "transfer-encoding", "server", "date"}
        for name, value in response.headers:
            if name.lower() not in ours or (name.lower() == "content-length" and self._head):
                self.send_header(name, value)
        bodiless = response.status in (204, 304) or response.status < 200
        if not (self._head or bodiless):
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if not (self._head or bodiless):
            self.wfile.write(response.body)

    @property
    def _head(self) -> bool:
        return self.command == "HEAD"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing; the call log has the requests."""


def listen() -> socket.socket:
    """Return a listening socket on a free port of 127.0.0.1."""
    return socket.create_server(("127.0.0.1", 0), backlog=128)


def serve(listener: socket.socket, answer: Answer) -> None:
    """Answer the connections in daemon threads."""
    application: Any = answer
    server: BaseWSGIServer = make_server(
        "127.0.0.1",
        listener.getsockname()[1],
        application,
        threaded=True,
        request_handler=_Handler,
        fd=listener.fileno(),
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
