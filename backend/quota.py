"""How many files, and how many bytes in all, a user may share at a time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class FileClaim:
    """What the file at `key` takes of its owner's quota until `expires_at`, as its link does."""

    key: str
    size: int
    expires_at: datetime


@dataclass(frozen=True)
class Quota:
    """The maximum number of a user's files, and of their bytes."""

    files: int
    size: int

    def refusal(self, claims: Collection[FileClaim], more: FileClaim) -> str | None:
        """Why `more` is too much beside `claims`, for the user; None if it is not."""
        if len(claims) + 1 > self.files:
            return f"You share {len(claims)} files; {self.files} is the most. Delete one first."
        left = self.size - sum(claim.size for claim in claims)
        if more.size > left:
            of = f"{_readable(max(left, 0))} of your {_readable(self.size)} are left"
            return f"This file has {_readable(more.size)}; {of}. Delete one first."
        return None


def _readable(size: int) -> str:
    if size < 1024:
        return f"{size} bytes"
    return f"{size / 2**10:,.1f} kB" if size < 2**20 else f"{size / 2**20:,.1f} MB"
