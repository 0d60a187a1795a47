"""What users notice of files, good and bad: one upload, deletion, expiry, the quota."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.engine.smoke.scenarios import seen
from verification.checks.smoke import files as smoke_files
from verification.model.findings import Finding
from verification.model.smoke.files import FilesSeen, SharedFile


def expire(files: FilesSeen) -> list[Finding]:
    """The check of expiry, with the contract's lifetimes."""
    return smoke_files.expire_after_their_links(files, seen.UPLOADS)


def quota(files: FilesSeen) -> list[Finding]:
    """The check of the quota, with the contract's."""
    return smoke_files.stay_within_the_quota(files, seen.UPLOADS)


def answered(name: str, status: int) -> FilesSeen:
    """One request is answered otherwise."""
    return replace(seen.FILES, statuses={**seen.FILES.statuses, name: status})


def ending(**days: float | None) -> FilesSeen:
    """The file for five days, with other ends of link and object, in days."""
    ends: dict[str, Any] = {
        name: None if value is None else seen.NOON + timedelta(days=value)
        for name, value in days.items()
    }
    return replace(seen.FILES, shared=(replace(seen.A_WEEK, **ends),))


LONG = SharedFile(None, seen.NOON + timedelta(days=3650), seen.NOON + timedelta(days=365.5))
STRAY = (*seen.FILES.objects, "uploads/7-days/b")
GOOD = [
    (smoke_files.are_sent_once, seen.FILES),
    (smoke_files.are_deleted_with_their_links, seen.FILES),
    (expire, seen.FILES),
    (expire, ending(link_ends=5, object_ends=5)),
    (expire, ending(link_ends=5, object_ends=9)),
    (quota, seen.FILES),
    (quota, replace(seen.FILES, accepted=(1,) * 100)),
]
# Check, what is wrong, what was seen then, and how the finding begins.
BAD = [
    (smoke_files.are_sent_once, "sent twice", answered("upload again", 200),
     "upload again: the answer is 200; expected 412."),
    (smoke_files.are_sent_once, "header left out",
     answered("upload again without a signed header", 200),
     "upload again without a signed header: the answer is 200; expected 403."),
    (smoke_files.are_sent_once, "overwritten", replace(seen.FILES, received=b"other"),
     "the presigned PUT: after a second PUT the file is another one."),
    (smoke_files.are_sent_once, "nothing sent", replace(seen.FILES, sent=b"", received=b""),
     "the presigned PUT: after a second PUT the file is unchanged."),
    (smoke_files.are_sent_once, "of any size",
     replace(seen.FILES, signed=("content-type", "host", "if-none-match")),
     "the presigned PUT: its signed headers are 'content-type', 'host', 'if-none-match'; expected"),
    (smoke_files.are_deleted_with_their_links, "object left", replace(seen.FILES, objects=STRAY),
     "the bucket: 1 of 2 objects have no link. Delete the object before the link"),
    (smoke_files.are_deleted_with_their_links, "another's file deleted",
     replace(seen.FILES, linked=STRAY), "the bucket: 1 of 2 links to files have no object."),
    (smoke_files.are_deleted_with_their_links, "nothing to find",
     replace(seen.FILES, linked=(), objects=()), "the bucket: 0 of 0 objects have no link."),
    (smoke_files.are_deleted_with_their_links, "link deleted first",
     answered("redirect after that", 404), "redirect after that: the answer is 404; expected 302."),
    (expire, "no rule", ending(object_ends=None),
     "a file for 5 days: no rule of the bucket expires its object."),
    (expire, "before its link", ending(link_ends=5, object_ends=4),
     "a file for 5 days: its object expires -24.0 h after its link; expected 0 to 96.0 h."),
    (expire, "long after its link", ending(link_ends=5, object_ends=31),
     "a file for 5 days: its object expires 624.0 h after its link; expected 0 to 96.0 h."),
    (expire, "a link without an end", ending(link_ends=None),
     "a file for 5 days: its link never expires."),
    (expire, "a link of ten years", replace(seen.FILES, shared=(LONG,)),
     "a file for as long as possible: its object expires -"),
    (expire, "nothing shared", replace(seen.FILES, shared=()),
     "the bucket: a file with a lifetime is missing."),
    (quota, "too many bytes", replace(seen.FILES, accepted=(100 * 2**20,) * 11),
     "the quota: 11 files with 1153433600 bytes were accepted; the most is 100 files"),
    (quota, "too many files", replace(seen.FILES, accepted=(1,) * 101),
     "the quota: 101 files with 101 bytes were accepted; the most is 100 files"),
    (quota, "less than promised", replace(seen.FILES, accepted=(100 * 2**20,) * 9),
     "the quota: 9 files with 943718400 bytes were accepted before one of 104857600 was refused."),
    (quota, "two in one place", replace(seen.FILES, race=(201, 201, 409)),
     "the quota: concurrent requests for one free place got 2 x 201, 1 x 409."),
    (quota, "nobody asked", replace(seen.FILES, race=()),
     "the quota: concurrent requests for one free place got none."),
    (quota, "deleted ones count", answered("after a delete", 409),
     "after a delete: the answer is 409; expected 201."),
    (quota, "expired ones count", answered("after an expiry", 409),
     "after an expiry: the answer is 409; expected 201."),
]  # fmt: skip
