"""The store's data and interface. Both stores pass the same contract tests.

Every method does what its docstring says or raises one of the errors below; a store that cannot be
reached, rejects a call, or times out raises StoreUnavailable, whatever the technical reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from backend.quota import FileClaim, Quota


class StoreError(Exception):
    """The base of all errors of a store."""


class StoreUnavailable(StoreError):
    """The store failed; a retry may help. The text is for the log only."""


class TrialAlreadyUsed(StoreError):
    """This user has started a trial before; `user` is the stored user."""

    def __init__(self, user: User) -> None:
        super().__init__("the trial was already used")
        self.user = user


class LinkNotFound(StoreError):
    """There is no such link, or not of this user."""


class LinkExpired(StoreError):
    """The link exists but has expired."""


class LinkHasFile(StoreError):
    """The link leads to the file at `file_key`, whose object must be deleted before the link."""

    def __init__(self, file_key: str) -> None:
        super().__init__(file_key)
        self.file_key = file_key


class CodeTaken(StoreError):
    """The short code belongs to another link."""


class QuotaExceeded(StoreError):
    """The user shares as much as one may; the text is for the user."""


@dataclass(frozen=True)
class User:
    """A stored user. A user without an item is a new user, not an error."""

    user_id: str
    email: str | None
    trial_started_at: datetime | None
    trial_expires_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Link:
    """A short code for `target`, or for the file at `file_key`: exactly one of the two.

    `expires_at` has whole seconds; from that time on the link has expired.
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
        """Whether the link has expired at `now`."""
        return self.expires_at is not None and now >= self.expires_at


@dataclass(frozen=True)
class LinkPage:
    """Some links of one user; `next_code`, if any, continues the list after them."""

    links: tuple[Link, ...]
    next_code: str | None


class Store(Protocol):
    """Storage of users and links."""

    def get_user(self, user_id: str) -> User | None:
        """The stored user, or None for a new user."""

    def start_trial(
        self, user_id: str, email: str | None, started_at: datetime, expires_at: datetime
    ) -> User:
        """Store the trial, once per user. Raises TrialAlreadyUsed."""

    def add_link(self, link: Link) -> None:
        """Store a new link. Raises CodeTaken, also if the code's old link has expired."""

    def get_link(self, short_code: str, now: datetime) -> Link:
        """The stored link; counts no click. Raises LinkNotFound or LinkExpired."""

    def follow_link(self, short_code: str, now: datetime) -> Link:
        """Count one click and return the link; LinkNotFound or LinkExpired count none."""

    def list_links(self, user_id: str, limit: int, after: str | None) -> LinkPage:
        """At most `limit` links of the user, after the code `after`, in a stable order."""

    def delete_link(self, user_id: str, short_code: str, file_key: str | None = None) -> None:
        """Delete the user's link. Raises LinkNotFound, also for another user's link.

        Raises LinkHasFile if it leads to a file, unless that is `file_key`.
        """

    def claim_file(self, user_id: str, claim: FileClaim, quota: Quota, now: datetime) -> None:
        """Count a file until it expires. Raises QuotaExceeded; exact, whatever is done at once."""

    def release_file(self, user_id: str, key: str) -> None:
        """Count a file no more; does nothing if it does not count."""

    def check(self) -> None:
        """Read from both tables. Raises StoreUnavailable; used by readiness only."""
