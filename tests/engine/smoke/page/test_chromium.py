"""Chromium is found, or its lack is told in one sentence; and nothing that it says gets lost."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from verification.engine.errors import EnvironmentUnavailable
from verification.engine.smoke.browser import Watch, find_chromium, open_chromium

pytestmark = pytest.mark.slow

PAGE = b"""<!doctype html><title>Bad</title>
<script>window.ran = true</script><img src="/gone.png"><img src="http://192.0.2.1/far.png">
<script src="/broken.js"></script>"""
POLICY = "default-src 'self'"


class BadPage(BaseHTTPRequestHandler):
    """A page that does what its own policy forbids."""

    def do_GET(self) -> None:
        """Answer the page, its broken script, and 404."""
        bodies = {"/": (PAGE, "text/html"), "/broken.js": (b"missing()", "text/javascript")}
        body, kind = bodies.get(self.path, (b"", "text/plain"))
        self.send_response(200 if body else 404)
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def bad_page() -> Iterator[str]:
    """The address of a page that misbehaves."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BadPage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def program(path: Path) -> str:
    """An executable file that does nothing."""
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_found_on_path(tmp_path: Path) -> None:
    """The first known name on PATH is taken, and CHROMIUM goes before it."""
    chrome = program(tmp_path / "google-chrome")
    assert find_chromium({"PATH": str(tmp_path)}) == chrome
    other = program(tmp_path / "other")
    assert find_chromium({"PATH": str(tmp_path), "CHROMIUM": other}) == other


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({}, "Chromium was not found on PATH (chromium, chromium-browser, google-chrome)"),
        (
            {"CHROMIUM": "/nowhere/chromium"},
            "CHROMIUM is /nowhere/chromium, which is not a program",
        ),
    ],
)
def test_missing_is_one_sentence(environ: dict[str, str], says: str, tmp_path: Path) -> None:
    """What is missing and what to do about it."""
    with pytest.raises(EnvironmentUnavailable) as told:
        find_chromium({"PATH": str(tmp_path)} | environ)
    assert str(told.value).startswith(says)
    assert str(told.value).endswith("Run `apt-get install chromium`, or set CHROMIUM to its path.")


def test_one_that_does_not_start(tmp_path: Path) -> None:
    """A program that is no browser is told, too."""
    environ = {"PATH": os.environ["PATH"], "CHROMIUM": program(tmp_path / "chromium")}
    with (
        pytest.raises(EnvironmentUnavailable, match="chromium does not start"),
        open_chromium(environ, tmp_path),
    ):
        pass


def test_watch_notes_what_a_bad_page_does(bad_page: str, tmp_path: Path) -> None:
    """Policy violation, script error, missing file and foreign host: each is noted."""
    with open_chromium(os.environ, tmp_path) as browser:
        page = browser.new_page()
        watch = Watch(page)
        page.goto(bad_page, wait_until="networkidle")
    told = "\n".join(watch.problems)
    assert "violates the following Content Security Policy directive" in told
    assert "script error: missing is not defined" in told
    assert f"GET {bad_page}/gone.png answered 404" in told
    assert "192.0.2.1" in told
    assert set(watch.requests) >= {bad_page}
