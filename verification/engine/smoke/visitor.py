"""A user with a browser window, by pointer on a phone or by keyboard on a desktop.

Browsers treat loopback addresses as secure contexts, like HTTPS. A page on plain HTTP is none: it
has no WebCrypto, and signs in by another flow. `public_url` returns the address that users open.
(https://developer.mozilla.org/en-US/docs/Web/Security/Secure_Contexts.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from verification.engine.smoke.browser import Browser, Error, Page, ViewportSize, Watch, expect
from verification.engine.smoke.stage import Stage
from verification.engine.system.yardstick import stretched
from verification.model.smoke.page import Screen, Visit

PHONE, DESK = 390, 1280
_PATIENCE = 15_000  # ms, on a machine that is not slow
_TABS = 12  # more than the focusable elements of a page
Steps = Sequence[tuple[str, Callable[[], object]]]
"""Expected states of the page in order, each with the action that leads to it."""
_WIDER = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


def public_url(stage: Stage) -> str:
    """The page's public URL; the load balancer's URL if the public one needs a certificate."""
    public = str(stage.outputs["base_url"]).rstrip("/")
    plain = urlsplit(public).scheme == "http"
    return public if stage.sealed and plain else stage.deployment.base_url


def hosts_of(stage: Stage) -> dict[str, str]:
    """The public host name, which DNS does not have for a sealed stage, and its actual host."""
    public, here = (urlsplit(url) for url in (public_url(stage), stage.deployment.base_url))
    return {} if public.netloc == here.netloc else {str(public.hostname): here.netloc}


class Visitor:
    """A user with a browser window.

    Args:
        stage: the deployment.
        browser: the browser.
        url: the page's URL.
        width: the window's, in CSS pixels; PHONE or DESK.
        by: "keyboard" or "pointer".
        pictures: the folder for screenshots.
        series: the prefix of their names, followed by a number; "" if each state occurs once.
    """

    def __init__(
        self,
        stage: Stage,
        browser: Browser,
        url: str,
        width: int,
        by: str,
        pictures: Path,
        series: str = "",
    ) -> None:
        self.stage, self.url, self.width, self.by = stage, url, width, by
        self.pictures, self.series = pictures, series
        phone = width == PHONE
        self.page: Page = browser.new_page(
            viewport=ViewportSize(width=width, height=844 if phone else 800),
            is_mobile=phone,
            has_touch=phone,
            device_scale_factor=2 if phone else 1,
            locale="en-GB",
            timezone_id="UTC",
        )
        self.patience = stretched(_PATIENCE)
        self.page.set_default_timeout(self.patience)
        self.watch = Watch(self.page)
        self.screens: list[Screen] = []

    def visit(self, steps: Steps) -> Visit:
        """Take the steps; stop at the first that does not lead to its state."""
        for state, step in steps:
            # An element that is missing or not reachable shows in the state.
            with suppress(Error):
                step()
            if not self._look(state):
                break
        self.page.context.close()
        return Visit(
            by=self.by,
            width=self.width,
            screens=tuple(self.screens),
            problems=tuple(self.watch.problems),
            requests=tuple(self.watch.requests),
            allowed=frozenset({self.url, self._user_pool()}),
        )

    def open(self) -> None:
        """Open the page."""
        self.page.goto(self.url)

    def fill_in(self, button: str, **fields: str) -> None:
        """Fill in fields of a form, by id with _ instead of -, and press its button."""
        for name, text in fields.items():
            ident = name.replace("_", "-")
            if self.by == "keyboard":
                self._tab_to(ident)
                self.page.keyboard.type(text)
            else:
                self.page.locator(f"#{ident}").fill(text)
        if self.by == "keyboard":
            self.page.keyboard.press("Enter")
        else:
            self.page.get_by_role("button", name=button, exact=True).tap()

    def press(self, ident: str) -> None:
        """Press a button."""
        if self.by == "keyboard":
            self._tab_to(ident)
            self.page.keyboard.press("Enter")
        else:
            self.page.locator(f"#{ident}").tap()

    def _user_pool(self) -> str:
        """The URL of the user pool's API."""
        return str(self.stage.client("cognito-idp").meta.endpoint_url)

    def _tab_to(self, ident: str) -> None:
        for _ in range(_TABS):
            self.page.keyboard.press("Tab")
            if self.page.locator(f"#{ident}:focus").count():
                return
        raise Error(f"#{ident} is not reachable by keyboard")

    def _look(self, state: str) -> bool:
        """Wait for a state, and record the screen; returns whether the state was reached."""
        body = self.page.locator("body")
        with suppress(AssertionError):
            expect(body).to_have_attribute("data-state", state, timeout=self.patience)
        self.pictures.mkdir(parents=True, exist_ok=True)
        device = "phone" if self.width == PHONE else "desktop"
        name = f"{self.series}-{len(self.screens) + 1}-{state}" if self.series else state
        picture = self.pictures / f"{name}-{device}.png"
        self.page.screenshot(path=picture, full_page=True)
        days = self.page.locator("[data-days]:visible")
        screen = Screen(
            state=state,
            width=self.width,
            shown=body.get_attribute("data-state") or "",
            heading=" ".join(self.page.locator("h1:visible").all_inner_texts()),
            buttons=tuple(self.page.locator("button:visible").all_inner_texts()),
            days=" ".join(days.all_inner_texts()),
            overflows=bool(self.page.evaluate(_WIDER)),
            picture=picture,
        )
        self.screens.append(screen)
        return screen.shown == state
