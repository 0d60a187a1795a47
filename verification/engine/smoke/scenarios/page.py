"""The page in a real browser, by pointer on a phone and by keyboard on a desk.

A browser trusts the loopback as it trusts HTTPS. A page that users get over plain HTTP is trusted
less (no WebCrypto, so another way to sign in), so one of the visits is to its public name.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from verification.engine.smoke.browser import (
    Browser,
    Error,
    Page,
    ViewportSize,
    Watch,
    expect,
    find_chromium,
    open_chromium,
)
from verification.engine.smoke.http_session import Session
from verification.engine.smoke.scenarios.registry import Stages, scenario
from verification.engine.smoke.stage import Stage
from verification.engine.system.yardstick import stretched
from verification.model.load_observations import Screen, Visit

PHONE, DESK = 390, 1280
_PATIENCE = 15_000  # ms, on a machine that is not slow
_TABS = 12  # more than the page has places for the keyboard to be


@scenario
def trial_page(stages: Stages, environment: str) -> tuple[Visit, ...]:
    """A new user signs in, starts the trial and sees it end; once by pointer, once by keyboard."""
    find_chromium(os.environ)  # Before a stage is set up for nothing.
    pictures = stages.reports.resolve() / "screenshots"
    pictures.mkdir(parents=True, exist_ok=True)
    with (
        stages.stage(environment, "trial_page") as stage,
        open_chromium(os.environ, stage.folder, stage.sealed, _hosts(stage)) as browser,
    ):
        return (
            _Visitor(stage, browser, _public_url(stage), PHONE, "pointer", pictures).visit(),
            _Visitor(stage, browser, stage.deployment.base_url, DESK, "keyboard", pictures).visit(),
        )


def _public_url(stage: Stage) -> str:
    """Where users open the page; where that is HTTPS here, whose certificate nobody has, not so."""
    public = str(stage.outputs["base_url"]).rstrip("/")
    plain = urlsplit(public).scheme == "http"
    return public if stage.sealed and plain else stage.deployment.base_url


def _hosts(stage: Stage) -> dict[str, str]:
    """The page's public name, which no DNS has where the stage is sealed."""
    host, here = (urlsplit(url) for url in (_public_url(stage), stage.deployment.base_url))
    return {} if host.netloc == here.netloc else {str(host.hostname): here.netloc}


class _Visitor:
    """One new user with a window of their own."""

    def __init__(
        self, stage: Stage, browser: Browser, url: str, width: int, by: str, pictures: Path
    ) -> None:
        self.stage, self.url, self.width, self.by, self.pictures = stage, url, width, by, pictures
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

    def visit(self) -> Visit:
        """Go through all states; stop at the first that does not come."""
        user = self.stage.deployment.user(f"page-{self.by}")
        for state, step in self._steps(user).items():
            # What cannot be reached or pressed shows in the state that is then shown.
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

    def _user_pool(self) -> str:
        """Where the page signs in."""
        return str(self.stage.client("cognito-idp").meta.endpoint_url)

    def _steps(self, user: Session) -> dict[str, Callable[[], object]]:
        """What leads to each state from the one before."""
        return {
            "signed-out": lambda: self.page.goto(self.url),
            "new": lambda: self._sign_in(user),
            "running": lambda: self._press("start-trial"),
            "over": lambda: self._let_it_end(user),
            "failed": self._break,
        }

    def _sign_in(self, user: Session) -> None:
        for field, text in (("email", user.email), ("password", user.password)):
            if self.by == "keyboard":
                self._tab_to(field)
                self.page.keyboard.type(text)
            else:
                self.page.locator(f"#{field}").fill(text)
        if self.by == "keyboard":
            self.page.keyboard.press("Enter")
        else:
            self.page.get_by_role("button", name="Sign in", exact=True).tap()

    def _press(self, ident: str) -> None:
        if self.by == "keyboard":
            self._tab_to(ident)
            self.page.keyboard.press("Enter")
        else:
            self.page.locator(f"#{ident}").tap()

    def _tab_to(self, ident: str) -> None:
        for _ in range(_TABS):
            self.page.keyboard.press("Tab")
            if self.page.locator(f"#{ident}:focus").count():
                return
        raise Error(f"the keyboard does not reach #{ident}")

    def _let_it_end(self, user: Session) -> None:
        """An administrator moves the trial into the past; the user loads the page again."""
        now = datetime.now(UTC)
        moved = {
            ":started": {"S": (now - timedelta(days=31)).isoformat()},
            ":expires": {"S": (now - timedelta(days=1)).isoformat()},
        }
        self.stage.client("dynamodb").update_item(
            TableName=self.stage.outputs["users_table_name"],
            Key={"user_id": {"S": user.user_id}},
            UpdateExpression="SET trial_started_at = :started, trial_expires_at = :expires",
            ExpressionAttributeValues=moved,
        )
        self.page.reload()

    def _break(self) -> None:
        """Let the browser answer for a service that cannot; its complaints are then no news."""
        self.watch.listening = False
        self.page.route("**/api/me/trial", lambda route: route.fulfill(status=503, body="{}"))
        self.page.reload()

    def _look(self, state: str) -> bool:
        """Wait for a state and note what is shown; tells whether it came."""
        body = self.page.locator("body")
        with suppress(AssertionError):
            expect(body).to_have_attribute("data-state", state, timeout=self.patience)
        picture = self.pictures / f"{state}-{'phone' if self.width == PHONE else 'desktop'}.png"
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


_WIDER = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
