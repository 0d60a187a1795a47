"""The load generator: `locust -f verification/engine/smoke/locustfile.py --host https://…`.

It has no imports from this project, so it can be copied to the machines of a distributed load
(`--master`, `--worker`). Variables:

- FILESHARE_TOKENS: a JSON file with one bearer token (an id token of the user pool) per user; with
  more Locust users than tokens, tokens are shared.
- FILESHARE_PACE: the maximum number of requests per user and second (default 1).
"""

import itertools
import json
import os
from pathlib import Path
from typing import Any

from locust import FastHttpUser, constant_throughput, task

TOKENS = itertools.cycle(json.loads(Path(os.environ["FILESHARE_TOKENS"]).read_text("utf-8")))
TARGET = "https://example.com/some/where"


class Visitor(FastHttpUser):
    """A signed-in user who shortens, follows and lists links, and reads the trial's status."""

    wait_time = constant_throughput(float(os.environ.get("FILESHARE_PACE", "1")))
    connection_timeout = network_timeout = 30.0

    def on_start(self) -> None:
        """Take a token, and create a first link."""
        self.headers = {"Authorization": f"Bearer {next(TOKENS)}"}
        self.code = ""
        self.shorten()

    @task(3)
    def status(self) -> None:
        """Read the trial's status."""
        self.ask("status", 200, "GET", "/api/me/trial", headers=self.headers)

    @task(5)
    def redirect(self) -> None:
        """Follow the user's latest link, without requesting its target."""
        if self.code:
            self.ask("redirect", 302, "GET", f"/{self.code}", allow_redirects=False)

    @task(1)
    def shorten(self) -> None:
        """Create a link."""
        target = {"target": TARGET}
        body = self.ask("shorten", 201, "POST", "/api/links", json=target, headers=self.headers)
        self.code = body.get("short_code", self.code)

    @task(1)
    def links(self) -> None:
        """List the user's links."""
        self.ask("list", 200, "GET", "/api/links", headers=self.headers)

    def ask(self, name: str, wanted: int, method: str, path: str, **request: Any) -> dict[str, Any]:
        """Make a request; another status than the wanted one is a failure."""
        with self.client.request(
            method, path, name=name, catch_response=True, **request
        ) as response:
            if response.status_code != wanted:
                response.failure(f"{name} answered {response.status_code}; expected {wanted}")
                return {}
            response.success()
            return dict(response.json()) if wanted == 201 else {}
