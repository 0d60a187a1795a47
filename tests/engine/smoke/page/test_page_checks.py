"""The checks of the page find each fault that a page can have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.checks.kit import Check
from tests.engine.smoke.page.kit import LISTED, failures, first_day, links_page, visits
from verification.checks.smoke import page as smoke_page
from verification.checks.smoke.page import BUTTON, STATES
from verification.model.smoke.page import Screen, Visit

CHECKS = (
    smoke_page.shows_every_state,
    smoke_page.offers_the_trial,
    smoke_page.fits_the_window,
    smoke_page.browser_does_not_complain,
)


def screen(state: str, **changes: Any) -> Callable[[Visit], Visit]:
    """Change one screen of a visit."""

    def change(visit: Visit) -> Visit:
        def one(shown: Screen) -> Screen:
            return replace(shown, **changes) if shown.state == state else shown

        return replace(visit, screens=tuple(map(one, visit.screens)))

    return change


def whole(**changes: Any) -> Callable[[Visit], Visit]:
    """Change a visit as such."""
    return lambda visit: replace(visit, **changes)


def cut(visit: Visit) -> Visit:
    """End a visit after signing in."""
    return replace(visit, screens=visit.screens[:2])


BAD = {
    "sign-in fails": (
        smoke_page.shows_every_state,
        screen("new", shown="signed-out"),
        "page new at 390 px: the state is 'signed-out'; expected 'new'.",
    ),
    "the way ends early": (
        smoke_page.shows_every_state,
        cut,
        "page by pointer at 390 px: the state running is missing.",
    ),
    "no visit by keyboard": (
        smoke_page.shows_every_state,
        whole(by="pointer"),
        "page: a visit by keyboard is missing.",
    ),
    "no button": (
        smoke_page.offers_the_trial,
        screen("new", buttons=("Sign out",)),
        f'page new at 390 px: offers "Sign out"; expected "{BUTTON}".',
    ),
    "another text": (
        smoke_page.offers_the_trial,
        screen("new", buttons=("Try Premium",)),
        f'page new at 390 px: offers "Try Premium"; expected "{BUTTON}".',
    ),
    "offered again": (
        smoke_page.offers_the_trial,
        screen("over", buttons=(BUTTON,)),
        f'page over at 390 px: offers "{BUTTON}"; expected no "{BUTTON}".',
    ),
    "trial of 3 days": (
        smoke_page.offers_the_trial,
        screen("running", days="3"),
        "page running at 390 px: the number of days left is '3'; expected '30'.",
    ),
    "too wide": (
        smoke_page.fits_the_window,
        screen("over", overflows=True),
        "page over at 390 px: is wider than the window.",
    ),
    "no heading": (
        smoke_page.fits_the_window,
        screen("over", heading=""),
        "page over at 390 px: has no heading.",
    ),
    "console error": (
        smoke_page.browser_does_not_complain,
        whole(problems=("console error: Refused to load the script",)),
        "page by pointer at 390 px: console error: Refused to load the script.",
    ),
    "foreign host": (
        smoke_page.browser_does_not_complain,
        whole(requests=("https://fonts.example",)),
        "page by pointer at 390 px: sends requests to https://fonts.example.",
    ),
    "not the real sign-in": (
        smoke_page.browser_does_not_complain,
        whole(requests=("http://127.0.0.1:5000",)),
        "page by pointer at 390 px: sends no request to http://127.0.0.1:4566.",
    ),
    "nothing watched": (
        smoke_page.browser_does_not_complain,
        whole(requests=(), allowed=frozenset()),
        "page by pointer at 390 px: 0 requests to .",
    ),
}


@pytest.mark.parametrize("check", CHECKS)
def test_good_page_passes(check: Check, tmp_path: Path) -> None:
    """All is well, and something was examined."""
    findings = check(visits(tmp_path))
    assert findings
    assert failures(findings) == []


@pytest.mark.parametrize(("check", "change", "says"), BAD.values(), ids=BAD.keys())
def test_bad_page_fails(
    check: Check, change: Callable[[Visit], Visit], says: str, tmp_path: Path
) -> None:
    """The fault is found and named; in the other visit there is none."""
    pointer, keyboard = visits(tmp_path)
    bad = change(keyboard if "by keyboard" in says else pointer)
    other = pointer if "by keyboard" in says else keyboard
    assert says in failures(check([bad, other]))


def test_missing_screenshot_fails(tmp_path: Path) -> None:
    """A screenshot that was not kept is named."""
    bad = visits(tmp_path)
    (tmp_path / "screen.png").unlink()
    found = failures(smoke_page.fits_the_window(bad))
    assert f"the screenshot {tmp_path / 'screen.png'} has 0 bytes" in found[0]
    assert len(found) == 2 * len(STATES)


def test_first_day_passes(tmp_path: Path) -> None:
    """An invited user who gets through, and a refused sign-up, are all well."""
    seen = first_day(tmp_path)
    assert not failures(smoke_page.invited_users_reach_the_trial(seen))
    assert not failures(smoke_page.nobody_signs_up_uninvited(seen))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (cut, "page by keyboard at 1280 px: the state new is missing."),
        (
            screen("first-password", shown="signed-out"),
            "page first-password at 1280 px: the state is 'signed-out'; expected 'first-password'.",
        ),
        (screen("reset", overflows=True), "page reset at 1280 px: is wider than the window."),
        (
            whole(problems=("script error: no challenge",)),
            "page by keyboard at 1280 px: script error: no challenge.",
        ),
    ],
    ids=["dead end", "no first password", "too wide", "script error"],
)
def test_dead_end_of_an_invited_user(
    change: Callable[[Visit], Visit], says: str, tmp_path: Path
) -> None:
    """Whatever stops an invited user is found."""
    seen = first_day(tmp_path)
    bad = replace(seen, visit=change(seen.visit))
    assert says in failures(smoke_page.invited_users_reach_the_trial(bad))


def test_uninvited_account_is_found(tmp_path: Path) -> None:
    """A pool that makes an account for anybody fails."""
    seen = replace(first_day(tmp_path), sign_up="")
    [text] = failures(smoke_page.nobody_signs_up_uninvited(seen))
    assert text.startswith("signing up: the answer is 'an account'; expected 'NotAuthorized")


def test_links_on_the_page_pass(tmp_path: Path) -> None:
    """A link made, a file shared that anybody gets, and the link deleted, are all well."""
    assert not failures(smoke_page.links_and_files_work(links_page(tmp_path)))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"listed": LISTED[:2]},
            "the list of links: its entries after a deletion are none; expected 'shared.txt'.",
        ),
        (
            {"listed": (*LISTED[:2], LISTED[0])},
            "the list of links: its entries after a deletion are 'https://example.com/a'; expected "
            "'shared.txt'.",
        ),
        (
            {"content": b""},
            "the shared file: its download differs from the 6 bytes sent. See the upload's request "
            "in the browser's console, and the bucket's CORS rule.",
        ),
        (
            {"sent": b"", "content": b""},
            "the shared file: its download equals the 0 bytes sent. See the upload's request in "
            "the browser's console, and the bucket's CORS rule.",
        ),
        (
            {"said": "The service did not answer."},
            'a file above the quota: the page says "The service did not answer.". Show the '
            'error\'s message, with "Delete one first.".',
        ),
    ],
    ids=["nothing deleted", "the other one deleted", "another file", "empty file", "no advice"],
)
def test_links_that_do_not_work_are_found(
    changes: dict[str, Any], says: str, tmp_path: Path
) -> None:
    """Whatever does not work is found."""
    seen = replace(links_page(tmp_path), **changes)
    assert says in failures(smoke_page.links_and_files_work(seen))
