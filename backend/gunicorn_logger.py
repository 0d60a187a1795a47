"""gunicorn's own messages and its access log, through the application's JSON lines."""

from __future__ import annotations

import logging
from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

_ACCESS = logging.getLogger("backend.access")
_QUIET_PATHS = ("/health", "/ready", "/started")


class GunicornLogger(Logger):  # type: ignore[misc]
    """gunicorn's messages and its access log as JSON lines of the application."""

    def setup(self, cfg: Any) -> None:
        """Let the root logger handle gunicorn's errors."""
        self.error_log.handlers[:] = []
        self.error_log.propagate = True
        self.error_log.setLevel(logging.getLogger().level)

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> None:
        """One line per request; successful health checks at level DEBUG."""
        status = int(str(resp.status).split(None, 1)[0])
        path = environ.get("PATH_INFO", "")
        quiet = path in _QUIET_PATHS and status < 400
        fields = {
            "method": environ.get("REQUEST_METHOD", ""),
            "path": path,
            "status": status,
            "milliseconds": round(request_time.total_seconds() * 1000, 1),
            "bytes": getattr(resp, "sent", None),
            "client": environ.get("HTTP_X_FORWARDED_FOR") or environ.get("REMOTE_ADDR", ""),
            "request_id": dict(resp.headers).get("X-Request-Id"),
        }
        _ACCESS.log(logging.DEBUG if quiet else logging.INFO, "request", extra={"fields": fields})
