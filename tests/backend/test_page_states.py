"""Each state of the page in a browser, light and dark, at a desk and on a phone: axe finds nothing.

Nothing listens: the browser's requests are answered by the application's own test client, or by
what a state of the service would answer.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask.testing import FlaskClient
from playwright.sync_api import Route

from verification.engine.smoke.browser import Browser, Page, ViewportSize, expect, open_chromium

pytestmark = pytest.mark.slow

# Over plain HTTP a page has no WebCrypto, so that a sign-in is one request.
PLAIN, SECURE = "http://page.test", "https://page.test"
DESK, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
FORGETTING = {"cache-control": "no-store"}
LONG = "https://example.com/" + "a-very-long-path/" * 12


def link(code: str, **more: Any) -> dict[str, Any]:
    """A link as the API lists it."""
    made = {"short_code": code, "short_url": f"{PLAIN}/{code}", "target": LONG, "clicks": 1}
    return made | {"expired": False, "expires_at": "2099-01-01T00:00:00+00:00"} | more


UNUSED = {"tier": "free", "trial_used": False}
RUNNING = {
    "tier": "premium",
    "trial_used": True,
    "trial_expires_at": "2099-01-01T00:00:00+00:00",
    "trial_days_remaining": 1,
}
LINKS = [link("first"), link("second", filename="report.pdf", clicks=0, expired=True)]


class Service:
    """What answers the page: the application's files, and the answers of a state.

    `answers` are status and body by method and path, by path, or by an operation of Cognito; `held`
    are requests for the path `holding`, which get none. Nobody is answered while the network is
    `away`.
    """

    def __init__(self, client: FlaskClient) -> None:
        self._client = client
        self.held: list[Route] = []
        self.holding, self.away = "", False
        self.answers: dict[str, tuple[int, Any]] = {
            "/config.json": (
                200,
                {"client_id": "c", "user_pool_id": "p_1", "cognito_endpoint": f"{PLAIN}/cognito"},
            ),
            "InitiateAuth": (200, {"AuthenticationResult": {"IdToken": "e30.e30.e30"}}),
            "ForgotPassword": (200, {}),
            "/api/me/trial": (200, UNUSED),
            "/api/links": (200, {"links": LINKS, "next_cursor": "more"}),
        }

    def answer(self, route: Route) -> None:
        """Answer one request of the browser."""
        request = route.request
        path = urlsplit(request.url).path
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        if self.away:
            route.abort("internetdisconnected")
        elif self.holding and path == self.holding:
            self.held.append(route)
        elif found := self.answers.get(
            f"{request.method} {path}", self.answers.get(operation or path)
        ):
            route.fulfill(status=found[0], json=found[1], headers=FORGETTING)
        else:
            with self._client.get(path) as got:
                route.fulfill(status=got.status_code, body=got.data, headers=dict(got.headers))


@pytest.fixture(scope="module", name="browser")
def _browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """An installed Chromium."""
    with open_chromium(os.environ, tmp_path_factory.mktemp("home")) as browser:
        yield browser


@pytest.fixture(name="service")
def _service(client: FlaskClient) -> Service:
    return Service(client)


@pytest.fixture(name="open_page")
def _open_page(browser: Browser, service: Service) -> Iterator[Callable[..., Page]]:
    """Open the page in a context with these settings."""
    contexts = []

    def open_page(url: str = PLAIN, **settings: Any) -> Page:
        context = browser.new_context(**settings)
        contexts.append(context)
        context.route("**/*", service.answer)
        page = context.new_page()
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()


def sign_in(page: Page) -> None:
    """Fill in the first form."""
    page.locator("#email").fill("user@example.com")
    page.locator("#password").fill("Password-1234")
    page.locator("#sign-in button").click()


def signed_in(**answers: tuple[int, Any]) -> Callable[[Page, Service], None]:
    """Sign in where the service answers this; `_` in a name stands for a path's slash."""

    def act(page: Page, service: Service) -> None:
        service.answers |= {name.replace("_", "/"): value for name, value in answers.items()}
        sign_in(page)

    return act


def forgot(page: Page, _: Service) -> None:
    """Ask for the form of a forgotten password."""
    page.get_by_role("button", name="Forgot your password?").click()


def reset(page: Page, service: Service) -> None:
    """Ask for a code."""
    forgot(page, service)
    page.locator("#forgot-email").fill("user@example.com")
    page.get_by_role("button", name="Send a code").click()


def sending(page: Page, service: Service) -> None:
    """A file on its way."""
    where = {"method": "PUT", "url": f"{PLAIN}/bucket/key", "headers": {}}
    service.answers["/api/uploads"] = (201, {"upload": where, "link": link("third")})
    service.holding = "/bucket/key"
    sign_in(page)
    content = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"content"}
    page.locator("#file").set_input_files(content)  # type: ignore[arg-type]
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()


def refused(page: Page, service: Service) -> None:
    """An address that is not taken."""
    problem = {"error": {"message": "The target is too long."}}
    sign_in(page)
    expect(page.locator("#link-list li")).to_have_count(2)
    service.answers["/api/links"] = (400, problem)
    page.get_by_label("Address to shorten").fill(LONG)
    page.get_by_role("button", name="Shorten").click()
    expect(page.get_by_text("The target is too long.")).to_be_visible()


NOT_AUTHORIZED = (400, {"__type": "NotAuthorizedException", "message": "no"})
CHALLENGE = (200, {"ChallengeName": "NEW_PASSWORD_REQUIRED", "ChallengeParameters": {}})
STATES: dict[str, tuple[str, Callable[[Page, Service], None]]] = {
    "signed out": ("signed-out", lambda page, service: None),
    "wrong password": ("signed-out", signed_in(InitiateAuth=NOT_AUTHORIZED)),
    "first password": ("first-password", signed_in(InitiateAuth=CHALLENGE)),
    "forgot": ("forgot", forgot),
    "reset": ("reset", reset),
    "new": ("new", signed_in()),
    "no links": ("new", signed_in(_api_links=(200, {"links": [], "next_cursor": None}))),
    "sending": ("new", sending),
    "refused": ("new", refused),
    "running": ("running", signed_in(_api_me_trial=(200, RUNNING))),
    "over": ("over", signed_in(_api_me_trial=(200, RUNNING | {"tier": "free"}))),
    "service away": ("failed", signed_in(_api_me_trial=(503, {}))),
}


def wrong(page: Page) -> list[str]:
    """What axe says against the page: WCAG and best practices."""
    found: dict[str, Any] = Axe().run(page).response
    assert found["passes"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found["violations"]]


def reach(page: Page, service: Service, name: str) -> None:
    """Bring the page into a state."""
    state, act = STATES[name]
    act(page, service)
    expect(page.locator("body")).to_have_attribute("data-state", state)
    page.wait_for_load_state("networkidle") if not service.holding else None


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize(
    ("scheme", "size"), [("light", DESK), ("dark", PHONE)], ids=["desk", "phone at night"]
)
def test_everybody_can_use_it(
    open_page: Callable[..., Page],
    service: Service,
    tmp_path: Path,
    name: str,
    scheme: str,
    size: ViewportSize,
) -> None:
    """No rule of axe is broken in any state, and nothing is wider than the screen."""
    page = open_page(color_scheme=scheme, viewport=size)
    reach(page, service, name)
    page.screenshot(path=tmp_path / "state.png", full_page=True)
    assert wrong(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


@pytest.mark.parametrize(
    ("edit", "rule"),
    [
        ("document.querySelector('label[for=target]').remove()", "label"),
        ("document.documentElement.removeAttribute('lang')", "html-has-lang"),
        ("document.querySelector('#new-title').outerHTML = '<h4>You</h4>'", "page-has-heading-one"),
    ],
)
def test_axe_would_tell(
    open_page: Callable[..., Page], service: Service, edit: str, rule: str
) -> None:
    """A page that somebody could not use is noticed: the test above looks."""
    page = open_page()
    reach(page, service, "new")
    page.evaluate(edit)
    assert rule in [found.partition(":")[0] for found in wrong(page)]


@pytest.mark.parametrize(
    ("url", "said"),
    [(SECURE, f"Copied {PLAIN}/first"), (PLAIN, f"Copy it from here: {PLAIN}/first")],
)
def test_links_are_copied(
    open_page: Callable[..., Page], service: Service, url: str, said: str
) -> None:
    """Into the clipboard; where the browser gives none, over plain HTTP, the page says so."""
    if url == SECURE:
        # Signed in already: over HTTPS a sign-in is SRP, which has tests of its own.
        page = open_page(url, permissions=["clipboard-read", "clipboard-write"])
        page.evaluate("sessionStorage.setItem('fileshare.token', 'e30.e30.e30')")
        page.reload()
    else:
        page = open_page(url)
        sign_in(page)
    page.get_by_role("button", name=f"Copy {PLAIN}/first").click()
    expect(page.locator("#links-message")).to_have_text(said)
    if url == SECURE:
        assert page.evaluate("navigator.clipboard.readText()") == f"{PLAIN}/first"


def test_a_new_link_is_shown_at_once(open_page: Callable[..., Page], service: Service) -> None:
    """The service lists it a moment later: until then the page alone knows it; it stays one."""
    page = open_page()
    reach(page, service, "new")
    service.answers["POST /api/links"] = (201, link("third"))
    page.get_by_label("Address to shorten").fill(LONG)
    page.get_by_role("button", name="Shorten").click()
    shown = page.locator("#link-list [data-short]")
    expect(shown).to_have_text(["page.test/third", "page.test/first", "page.test/second"])
    later = {"links": [link("third"), link("fourth")], "next_cursor": None}
    service.answers["GET /api/links"] = (200, later)
    page.get_by_role("button", name="Show more").click()
    expect(shown).to_have_text(
        ["page.test/third", "page.test/first", "page.test/second", "page.test/fourth"]
    )


def test_an_upload_is_cancelled(open_page: Callable[..., Page], service: Service) -> None:
    """Its link goes with it, and the page says that nothing was sent."""
    page = open_page()
    reach(page, service, "sending")
    service.answers["/api/links/third"] = (204, None)
    with page.expect_request(lambda one: one.method == "DELETE") as deleted:
        page.get_by_role("button", name="Cancel").click()
    assert deleted.value.url.endswith("/api/links/third")
    expect(page.locator("#links-message")).to_have_text("The file was not sent.")


def test_a_lost_network_loses_nothing(open_page: Callable[..., Page], service: Service) -> None:
    """What was typed stays, the page says what to do, and a second attempt goes through."""
    page = open_page()
    reach(page, service, "new")
    service.away = True
    page.get_by_label("Address to shorten").fill(LONG)
    page.get_by_role("button", name="Shorten").click()
    expect(page.get_by_role("heading", name="That did not work")).to_be_focused()
    service.away = False
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_label("Address to shorten")).to_have_value(LONG)
