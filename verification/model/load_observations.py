"""Observations of the browser, load and throttling scenarios; checks judge them."""

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
    """A subject of findings that was observed, not read from source."""

    @property
    def source(self) -> str:
        """No place in the source."""
        return ""


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
        listed: what the list named after an address was shortened, a file shared, a link deleted.
        content: what anybody gets at the file's address.
    """

    visit: Visit
    listed: tuple[tuple[str, ...], ...]
    content: bytes


@dataclass(frozen=True)
class Endpoint(Seen):
    """The result of one kind of request under load; times in milliseconds."""

    name: str
    requests: int
    failures: int
    p50: float
    p95: float

    @property
    def address(self) -> str:
        """The address in findings."""
        return self.name


@dataclass(frozen=True)
class AwsCall:
    """One AWS call of the backend as recorded by the emulator."""

    operation: str
    table: str
    status: int
    error: str


@dataclass(frozen=True)
class TableUse(Seen):
    """The use of a table during a load.

    Args:
        name: the table's name.
        used: the number of calls or capacity units.
        unit: which of the two.
        throttled: the number of throttled requests.
        failed: the number of requests with a system error of DynamoDB.
    """

    name: str
    used: float
    unit: str
    throttled: float
    failed: float

    @property
    def address(self) -> str:
        """The address in findings."""
        return self.name


@dataclass(frozen=True)
class LoadSeen:
    """What a load observed.

    Args:
        endpoints: one for each kind of request.
        problems: every failure that the load generator reports.
        calls: every DynamoDB call during the load, in order; none if calls are not recorded.
        tables: the use of each table.
        use: the status of each request of a normal use after the load.
        logs: every log line of the tasks.
        bare: the durations of bare calls to the same AWS, in milliseconds, in order.
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
    """An answer to a user during throttling or after it."""

    asked: str
    status: int
    retry_after: str
    body: str

    @property
    def address(self) -> str:
        """The address in findings."""
        return self.asked


@dataclass(frozen=True)
class Throttled:
    """Users' answers while DynamoDB throttled writes, and the number of throttled calls."""

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
