"""What is stored, and what a store promises. Both stores pass one contract suite.

Every verb either does what its docstring says or raises one of the errors below; a store that
cannot be reached, refuses, or times out raises StoreUnavailable, whatever the technical reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class StoreError(Exception):
    """The base of everything a store raises."""


class StoreUnavailable(StoreError):
    """The store did not do its work; trying again later may help. The text is for the log only."""


class TrialAlreadyUsed(StoreError):
    """This user has started a trial before; `user` is what is stored."""

    def __init__(self, user: User) -> None:
        super().__init__("the trial was already used")
        self.user = user


class LinkNotFound(StoreError):
    """No such link, or none of this user's."""


class LinkExpired(StoreError):
    """The link exists and its time is over."""


class CodeTaken(StoreError):
    """The short code belongs to another link."""


@dataclass(frozen=True)
class User:
    """A user who has been written down. Somebody without an item is a new user, not an error."""

    user_id: str
    email: str | None
    trial_started_at: datetime | None
    trial_expires_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Link:
    """A short code that leads to `target`, or to the file at `file_key`: exactly one of the two.

    `expires_at` has no fraction of a second: the link is over from that instant on.
    """

    short_code: str
    created_by_user: str
    created_at: datetime
    updated_at: datetime
    target: str | None = None
    file_key: str | None = None
    filename: str | None = None
    expires_at: datetime | None = None
    clicks: int = 0

    def is_over(self, now: datetime) -> bool:
        """Whether the link's time is over at `now`."""
        return self.expires_at is not None and now >= self.expires_at


@dataclass(frozen=True)
class LinkPage:
    """Some links of one user; `next_code`, if any, continues the list after them."""

    links: tuple[Link, ...]
    next_code: str | None


class Store(Protocol):
    """Users and links, kept somewhere."""

    def get_user(self, user_id: str) -> User | None:
        """The user as last written, or None for a new user."""

    def start_trial(
        self, user_id: str, email: str | None, started_at: datetime, expires_at: datetime
    ) -> User:
        """Write the trial down, once per user for ever. Raises TrialAlreadyUsed."""

    def add_link(self, link: Link) -> None:
        """Keep a new link. Raises CodeTaken, also while the code's old link is merely expired."""

    def get_link(self, short_code: str, now: datetime) -> Link:
        """The link as last written; counts no click. Raises LinkNotFound or LinkExpired."""

    def follow_link(self, short_code: str, now: datetime) -> Link:
        """Count one click and return the link. Raises LinkNotFound or LinkExpired: no click."""

    def list_links(self, user_id: str, limit: int, after: str | None) -> LinkPage:
        """At most `limit` links of the user, following the code `after`, in a stable order."""

    def delete_link(self, user_id: str, short_code: str) -> None:
        """Forget the user's link. Raises LinkNotFound, also for another user's link."""

    def check(self) -> None:
        """Touch both tables. Raises StoreUnavailable; used by readiness only."""
