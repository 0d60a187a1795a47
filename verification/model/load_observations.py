"""What the browser, the load and the fault scenarios saw; checks judge it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


def p95(milliseconds: Sequence[float]) -> float:
    """What 95 of 100 took at most; 0 where nothing was measured."""
    ordered = sorted(milliseconds)
    return ordered[math.ceil(len(ordered) * 0.95) - 1] if ordered else 0.0


class Seen:
    """What a finding can be about; nothing here was read from source."""

    @property
    def source(self) -> str:
        """No place in the source."""
        return ""


@dataclass(frozen=True)
class Screen(Seen):
    """What the page showed when it should have shown `state`.

    Args:
        state: what was waited for: signed-out, new, running, over, failed.
        width: the window's, in CSS pixels.
        shown: the state that the page was in.
        heading: the heading that is seen.
        buttons: the names of all buttons that are seen, as a screen reader says them.
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
        """What a finding calls it."""
        return f"page {self.state} at {self.width} px"


@dataclass(frozen=True)
class Visit(Seen):
    """One user's way through the page: by keyboard alone, or by pointer.

    Args:
        by: "keyboard" or "pointer".
        width: the window's, in CSS pixels.
        screens: what was shown, in order; it ends with the first wrong state.
        problems: what the browser complained of: console errors, refused or failed requests.
        requests: the origins of all requests that the page made, in order.
        allowed: the origins that the page may talk to.
    """

    by: str
    width: int
    screens: tuple[Screen, ...]
    problems: tuple[str, ...]
    requests: tuple[str, ...]
    allowed: frozenset[str]

    @property
    def address(self) -> str:
        """What a finding calls it."""
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
        listed: what the list named after an address was shortened, a file shared, a link deleted.
        content: what anybody gets at the file's address.
    """

    visit: Visit
    listed: tuple[tuple[str, ...], ...]
    content: bytes


@dataclass(frozen=True)
class Endpoint(Seen):
    """What the load got of one kind of request; times in milliseconds."""

    name: str
    requests: int
    failures: int
    p50: float
    p95: float

    @property
    def address(self) -> str:
        """What a finding calls it."""
        return self.name


@dataclass(frozen=True)
class AwsCall:
    """One call of the backend as the emulator recorded it."""

    operation: str
    table: str
    status: int
    error: str


@dataclass(frozen=True)
class TableUse(Seen):
    """What a table bore: how much it was asked, in `unit`, and what of it went wrong.

    Args:
        name: the table's.
        used: calls, or capacity units.
        unit: which of the two.
        throttled: requests that were throttled.
        failed: requests at which DynamoDB failed.
    """

    name: str
    used: float
    unit: str
    throttled: float
    failed: float

    @property
    def address(self) -> str:
        """What a finding calls it."""
        return self.name


@dataclass(frozen=True)
class LoadSeen:
    """A load and what stood behind it.

    Args:
        endpoints: one for each kind of request.
        problems: every failure that the load's driver tells of, in words.
        calls: every DynamoDB call during the load, in order; none where nobody records them.
        tables: what each table bore.
        use: status by what was asked, of a normal use after the load.
        logs: every line that the tasks printed.
        bare: how long bare calls to the same AWS took meanwhile, in milliseconds, in order.
    """

    endpoints: tuple[Endpoint, ...]
    problems: tuple[str, ...]
    calls: tuple[AwsCall, ...]
    tables: tuple[TableUse, ...]
    use: dict[str, int]
    logs: tuple[str, ...]
    bare: tuple[float, ...]


@dataclass(frozen=True)
class Reply(Seen):
    """What a user got while the store was throttled, or after."""

    asked: str
    status: int
    retry_after: str
    body: str

    @property
    def address(self) -> str:
        """What a finding calls it."""
        return self.asked


@dataclass(frozen=True)
class Throttled:
    """What users got while DynamoDB throttled writes, and how many calls it refused."""

    replies: tuple[Reply, ...]
    refused: int


@dataclass(frozen=True)
class ThrottlingSeen:
    """Throttling within the retry budget, above it, and after it, with the tasks' logs."""

    brief: Throttled
    sustained: Throttled
    after: Throttled
    logs_before: tuple[str, ...]
    logs: tuple[str, ...]
