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
        size = sum(claim.size for claim in claims) + more.size
        if size > self.size:
            most = f"{_megabytes(self.size)} is the most"
            return f"Your files would have {_megabytes(size)}; {most}. Delete one first."
        return None


def _megabytes(size: int) -> str:
    return f"{size / 2**20:,.1f} MB"
