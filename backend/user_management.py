"""The premium trial: 30 days, free, once per user.

Only start and end of the trial are stored. Everything else follows from these two and the current
time, so a trial ends without a job and without a write.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.store import Store, TrialAlreadyUsed, User

TRIAL_LENGTH = timedelta(days=30)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class TrialStatus:
    """A user's trial at one time."""

    tier: str
    trial_used: bool
    trial_started_at: datetime | None
    trial_expires_at: datetime | None
    trial_days_remaining: int


class TrialUsed(Exception):
    """The user has started a trial before; `status` is its status."""

    def __init__(self, status: TrialStatus) -> None:
        super().__init__("the trial was already used")
        self.status = status


def trial_status(store: Store, user_id: str, now: datetime) -> TrialStatus:
    """The status of the user's trial at `now`; an unknown user is a new user."""
    return _status(store.get_user(user_id), now)


def start_trial(store: Store, user_id: str, email: str | None, now: datetime) -> TrialStatus:
    """Start the trial at `now`. Raises TrialUsed, also after the end of the trial."""
    try:
        return _status(store.start_trial(user_id, email, now, now + TRIAL_LENGTH), now)
    except TrialAlreadyUsed as used:
        raise TrialUsed(_status(used.user, now)) from used


def days_remaining(expires_at: datetime, now: datetime) -> int:
    """The days left, rounded up: 30 at the start, 1 in the last 24 hours.

    0 from the expiry on; never more than 30, even if clocks differ.
    """
    begun = -(-(expires_at - now) // _DAY)
    return max(0, min(begun, TRIAL_LENGTH // _DAY))


def _status(user: User | None, now: datetime) -> TrialStatus:
    started_at = user.trial_started_at if user else None
    expires_at = user.trial_expires_at if user else None
    running = expires_at is not None and now < expires_at
    return TrialStatus(
        tier="premium" if running else "free",
        trial_used=started_at is not None,
        trial_started_at=started_at,
        trial_expires_at=expires_at,
        trial_days_remaining=0 if expires_at is None else days_remaining(expires_at, now),
    )
