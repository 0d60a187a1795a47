"""Observations of the page in a browser."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from verification.model.smoke.seen import Seen


@dataclass(frozen=True)
class Screen(Seen):
    """What the page showed when `state` was expected.

    Args:
        state: the expected state: signed-out, new, running, over, failed.
        width: the window's width in CSS pixels.
        shown: the page's state.
        heading: the visible heading.
        buttons: the accessible names of all visible buttons.
        days: the days left that are shown, "" if none are.
        overflows: whether the page is wider than the window.
        picture: the screenshot.
    """

    state: str
    width: int
    shown: str
    heading: str
    buttons: tuple[str, ...]
    days: str
    overflows: bool
    picture: Path

    @property
    def address(self) -> str:
        """The address in findings."""
        return f"page {self.state} at {self.width} px"


@dataclass(frozen=True)
class Visit(Seen):
    """One user's way through the page, by keyboard or by pointer.

    Args:
        by: "keyboard" or "pointer".
        width: the window's width in CSS pixels.
        screens: what was shown, in order; it ends with the first wrong state.
        problems: console errors, CSP violations and failed requests.
        requests: the origins of all requests of the page, in order.
        allowed: the origins to which the page may send requests.
    """

    by: str
    width: int
    screens: tuple[Screen, ...]
    problems: tuple[str, ...]
    requests: tuple[str, ...]
    allowed: frozenset[str]

    @property
    def address(self) -> str:
        """The address in findings."""
        return f"page by {self.by} at {self.width} px"


@dataclass(frozen=True)
class InvitationSeen:
    """An invited user's first day, and somebody who was not invited.

    Args:
        sign_up: the error code with which the pool refused who signed up by themselves, or "".
        visit: the invited user's way through the page.
    """

    sign_up: str
    visit: Visit


@dataclass(frozen=True)
class LinksPageSeen:
    """A user's links and files on the page.

    Args:
        visit: the way through the page.
        target: the URL that was shortened first.
        filename: the name of the file that was shared then, before the first link was deleted.
        sent: the file's content.
        listed: the names in the list after each of these three steps.
        content: the content at the file's short URL, without a token.
        said: the message about a file above the quota, after the deletion.
    """

    visit: Visit
    target: str
    filename: str
    sent: bytes
    listed: tuple[tuple[str, ...], ...]
    content: bytes
    said: str
