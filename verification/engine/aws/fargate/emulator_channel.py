"""The connection between agent and emulator: it sends reports and receives orders."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from verification.engine.aws.emulator.protocol import CONTROL
from verification.engine.errors import ToolError


class Link:
    """One persistent connection; not thread-safe."""

    def __init__(self, endpoint: str) -> None:
        parts = urlsplit(endpoint)
        self._connection = HTTPConnection(str(parts.hostname), parts.port, timeout=300)

    def exchange(self, report: dict[str, Any]) -> dict[str, Any]:
        """Send a report and return the orders; ToolError if the emulator rejects it."""
        try:
            self._connection.request("PUT", f"{CONTROL}ecs", json.dumps(report))
            response = self._connection.getresponse()
            text = response.read().decode()
        except (OSError, HTTPException) as error:
            self._connection.close()
            raise ToolError(f"the embedded AWS does not answer its ECS agent: {error}") from error
        if response.status != 200:
            raise ToolError(f"the embedded AWS refused its ECS agent's report: {text}")
        orders: dict[str, Any] = json.loads(text)
        return orders

    def close(self) -> None:
        """Close it."""
        self._connection.close()
