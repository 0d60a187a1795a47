"""Observations of the scenario of files that end; checks judge them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from verification.model.smoke.observations import Refused


@dataclass(frozen=True)
class SharedFile:
    """A file that was shared for `days`, or for as long as possible with None.

    `link_ends` is its link's expiry. `object_ends` is when the bucket's lifecycle expires its
    object, as S3 counts from its upload; None if no rule does, or it was not uploaded.
    """

    days: float | None
    link_ends: datetime | None
    object_ends: datetime | None


@dataclass(frozen=True)
class FilesSeen:
    """Uploads, deletions, expiries and the quota of one user.

    `statuses` are those of each request by name. `signed` are the headers that the presigned PUT
    signs. `sent` and `received` are the content of the first upload and of a download after the
    second. `linked` are the files of the user's links after the deletion, `objects` the current
    objects of the bucket then. `accepted` are the sizes of the files that the quota let in, one
    after another, `refused_size` is that of the one after them. `race` are the statuses of
    concurrent requests for one free place.
    """

    statuses: Mapping[str, int]
    signed: tuple[str, ...]
    sent: bytes
    received: bytes
    linked: tuple[str, ...]
    objects: tuple[str, ...]
    shared: tuple[SharedFile, ...]
    accepted: tuple[int, ...]
    refused_size: int
    race: tuple[int, ...]
    refused: Refused
