"""The container endpoints of a task: the role's credentials, and metadata.

As on Fargate, tasks get credentials only from here, never those of the emulator's administrator.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any

_RENEW = timedelta(minutes=5)

Assume = Callable[[str, str], dict[str, Any]]
"""Returns STS credentials for a role's ARN and a session name."""


@dataclass
class _Known:
    role: str | None
    token: str
    described: dict[str, Any]
    lock: Lock
    made: dict[str, Any] | None = None


class Metadata:
    """A server on 127.0.0.1 that answers registered tasks only."""

    def __init__(self, assume: Assume) -> None:
        self._assume = assume
        self._tasks: dict[str, _Known] = {}
        handler = type("Handler", (_Handler,), {"metadata": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._address = f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        """Start answering."""
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    def admit(self, ident: str, role: str | None, described: dict[str, Any]) -> dict[str, str]:
        """Register a task, and return the variables with its endpoints."""
        known = _Known(role, secrets.token_urlsafe(24), described, Lock())
        self._tasks[ident] = known
        variables = {"ECS_CONTAINER_METADATA_URI_V4": f"{self._address}/v4/{ident}"}
        if role:
            variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = (
                f"{self._address}/v2/credentials/{ident}"
            )
            variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = known.token
        return variables

    def forget(self, ident: str) -> None:
        """Remove a task."""
        self._tasks.pop(ident, None)

    def answer(self, path: str, token: str) -> tuple[int, dict[str, Any]]:
        """Return status and body of the answer to a GET."""
        words = path.strip("/").split("/")
        known = self._tasks.get(words[-1] if words[-1] != "task" else words[-2])
        if known is None:
            return 404, {"message": "no such task"}
        if words[0] == "v4":
            return 200, known.described
        if words[:2] != ["v2", "credentials"] or known.role is None:
            return 404, {"message": "not found"}
        if not secrets.compare_digest(token.encode(), known.token.encode()):
            return 403, {"message": "wrong token"}
        return 200, self._credentials(words[-1], known.role, known)

    def _credentials(self, ident: str, role: str, known: _Known) -> dict[str, Any]:
        with known.lock:
            made = known.made
            if made is None or made["Expiration"] - datetime.now(UTC) < _RENEW:
                made = known.made = self._assume(role, ident)
        return {
            "RoleArn": known.role,
            "AccessKeyId": made["AccessKeyId"],
            "SecretAccessKey": made["SecretAccessKey"],
            "Token": made["SessionToken"],
            "Expiration": made["Expiration"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }


class _Handler(BaseHTTPRequestHandler):
    metadata: Metadata

    def do_GET(self) -> None:
        """Answer as JSON; 500 if a role cannot be assumed, so that only this task is affected."""
        try:
            token = self.headers.get("Authorization", "")
            status, body = self.metadata.answer(self.path, token)
        except Exception as error:  # Any error of STS; botocore retries and then fails.
            status, body = 500, {"message": str(error)}
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Log nothing."""
