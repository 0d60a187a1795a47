"""Times: UTC, timezone-aware, as fixed-width ISO 8601, so that string order is time order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)


def to_text(instant: datetime) -> str:
    """The time as `2026-01-31T12:00:00.000000Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_text(text: str) -> datetime:
    """The time in `text`, in UTC. Raises ValueError without an explicit offset."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("a time needs an offset, such as the Z in 2026-01-31T12:00:00Z")
    return instant.astimezone(UTC)


def optional_text(instant: datetime | None) -> str | None:
    """`to_text`, or None for None."""
    return None if instant is None else to_text(instant)


def optional_instant(text: str | None) -> datetime | None:
    """`from_text`, or None for None."""
    return None if text is None else from_text(text)
