"""A target for the load balancer of the ECS agent, which tells what it was sent."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler
from typing import Any


class Backend(BaseHTTPRequestHandler):
    """Tells what it was sent; `ready`, `name` and `pause` (of /ready, seconds) are the server's."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer in the way that the path asks for."""
        server: Any = self.server
        if self.path == "/slow":
            time.sleep(0.5)
        if self.path == "/ready":
            time.sleep(server.pause)
        if self.path == "/abort":
            self.close_connection = True
            return
        status = 503 if self.path == "/ready" and not server.ready else 200
        seen = {"headers": dict(self.headers), "name": server.name, "port": self.client_address[1]}
        body = json.dumps(seen).encode()
        self.send_response(status)
        if self.path == "/chunks":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for piece in (body[:10], body[10:]):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
            return
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Set-Cookie", "b=2")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET

    def do_POST(self) -> None:
        """Give the body back."""
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
