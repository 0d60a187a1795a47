"""The machine's Chromium, driven by Playwright; the only importer of Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Page,
    Request,
    Response,
    ViewportSize,
    expect,
    sync_playwright,
)

from verification.engine.aws.emulator.isolation import REFUSING, allowed
from verification.engine.errors import EnvironmentUnavailable

__all__ = [
    "Browser",
    "Error",
    "Page",
    "Response",
    "ViewportSize",
    "Watch",
    "expect",
    "find_chromium",
    "open_chromium",
]

NAMES = ("chromium", "chromium-browser", "google-chrome")
_REMEDY = "Run `apt-get install chromium`, or set CHROMIUM to its path."
# Playwright adds --headless, --no-sandbox, --no-first-run and a new empty profile.
_ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium(environ: Mapping[str, str]) -> str:
    """The browser's path: CHROMIUM, or else the first of `NAMES` on PATH.

    Raises:
        EnvironmentUnavailable: there is none.
    """
    path = environ.get("PATH", "")
    if named := environ.get("CHROMIUM"):
        if found := shutil.which(named, path=path):
            return found
        raise EnvironmentUnavailable(f"CHROMIUM is {named}, which is not a program. {_REMEDY}")
    for name in NAMES:
        if found := shutil.which(name, path=path):
            return found
    raise EnvironmentUnavailable(f"Chromium was not found on PATH ({', '.join(NAMES)}). {_REMEDY}")


@contextmanager
def open_chromium(
    environ: Mapping[str, str],
    home: Path,
    sealed: bool = True,
    hosts: Mapping[str, str] | None = None,
) -> Iterator[Browser]:
    """A browser without a window; it ends with the block.

    Args:
        environ: the user's environment, of which it sees next to nothing.
        home: its home folder.
        sealed: whether it may reach nothing but this machine.
        hosts: names, each with the host and port that answers for it whatever port is asked for.

    Raises:
        EnvironmentUnavailable: there is none, or it does not start.
    """
    path = find_chromium(environ)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=path,
                args=[*_ARGUMENTS, *_network(sealed, hosts or {})],
                env=dict(allowed(environ, home)),
            )
        except Error as error:
            first = str(error).splitlines()[0]
            raise EnvironmentUnavailable(f"{path} does not start: {first} {_REMEDY}") from error
        with browser:
            yield browser


def _network(sealed: bool, hosts: Mapping[str, str]) -> list[str]:
    """The switches that say which hosts there are, and where.

    The proxy of a sealed browser refuses; Chromium asks no proxy for the loopback. See "Proxy
    support" and `--host-resolver-rules` in Chromium's documentation.
    """
    switches = [f"--proxy-server={REFUSING}"] if sealed else []
    if hosts:
        rules = ",".join(f"MAP {name} {there}" for name, there in hosts.items())
        switches += [f"--host-resolver-rules={rules}", f"--proxy-bypass-list={';'.join(hosts)}"]
    return switches


class Watch:
    """Records a page's requests and the browser's errors.

    A violation of the Content-Security-Policy is a console error.
    """

    def __init__(self, page: Page) -> None:
        self.requests: list[str] = []
        self.problems: list[str] = []
        self.listening = True
        page.on("request", self._asked)
        page.on("console", self._told)
        page.on("pageerror", lambda error: self._note(f"script error: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _note(self, problem: str) -> None:
        if self.listening:
            self.problems.append(problem)

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        self.requests.append(f"{parts.scheme}://{parts.netloc}")

    def _told(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._note(f"console {message.type}: {message.text}")

    def _failed(self, request: Request) -> None:
        self._note(f"{request.method} {request.url} failed: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self._note(f"{response.request.method} {response.url} answered {response.status}")
