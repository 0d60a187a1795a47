"""Checks that files end with their links, are sent once, and stay within the quota."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from verification.model.contract import UploadsRule
from verification.model.findings import Finding, expect, judge, missing, not_demanded
from verification.model.smoke.files import FilesSeen, SharedFile
from verification.model.stack import Resource

# Expected status of each request; the names are those of the scenario `file_ends`.
UPLOADS = {"upload": 200, "upload again": 412, "upload again without a signed header": 403}
DELETIONS = {
    "another's delete": 404,
    "download after another's delete": 200,
    "delete while S3 is away": 503,
    "redirect after that": 302,
    "own delete": 204,
    "redirect after own delete": 404,
}
QUOTA = {"above the quota": 409, "after a delete": 201, "after an expiry": 201}
_SIGNED = ("content-length", "content-type", "host", "if-none-match")


def are_sent_once(seen: FilesSeen) -> list[Finding]:
    """A presigned PUT stores its file once; a second one is refused and changes nothing.

    Amazon S3 User Guide, "How to prevent object overwrites with conditional writes":
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    """
    place = Resource(address="the presigned PUT")
    remedy = "Sign If-None-Match: *, the type and the length in backend/uploads.py."
    kept = seen.received == seen.sent
    text = f"after a second PUT the file is {'unchanged' if kept else 'another one'}"
    return [
        *_answers(seen, UPLOADS),
        expect(place, "its signed headers", seen.signed, _SIGNED, remedy),
        judge(place, kept and bool(seen.sent), text, remedy),
    ]


def are_deleted_with_their_links(seen: FilesSeen) -> list[Finding]:
    """A link's deletion deletes its file, and nothing else; a failed one leaves the link."""
    place = Resource(address="the bucket")
    stray, lost = set(seen.objects) - set(seen.linked), set(seen.linked) - set(seen.objects)
    remedy = "Delete the object before the link: see delete in backend/routes/links.py."
    text = f"{len(stray)} of {len(seen.objects)} objects have no link"
    found = f"{len(lost)} of {len(seen.linked)} links to files have no object"
    return [
        *_answers(seen, DELETIONS),
        judge(place, not stray and bool(seen.objects), text, remedy),
        judge(place, not lost and bool(seen.linked), found, "Delete the link's own file only."),
    ]


def expire_after_their_links(seen: FilesSeen, rule: UploadsRule | None) -> list[Finding]:
    """The bucket's lifecycle expires each file after its link, with the days of its lifetime.

    By the arithmetic of S3 on the object's time and the bucket's rules; nobody waits for it.
    """
    if rule is None:
        return [not_demanded(Resource(address="the bucket"), "an end of files")]
    if not seen.shared:
        return [missing("the bucket", "a file with a lifetime")]
    return [_expires(one, rule) for one in seen.shared]


def stay_within_the_quota(seen: FilesSeen, rule: UploadsRule | None) -> list[Finding]:
    """A user's files never exceed the quota; deleted and expired ones count no more."""
    place, size = Resource(address="the quota"), sum(seen.accepted)
    if rule is None:
        return [not_demanded(place, "a quota")]
    within = 0 < len(seen.accepted) <= rule.quota.files and size <= rule.quota.bytes
    full = len(seen.accepted) == rule.quota.files or size + seen.refused_size > rule.quota.bytes
    text = f"{len(seen.accepted)} files with {size} bytes were accepted"
    most = f"{rule.quota.files} files, {rule.quota.bytes} bytes"
    counted = Counter(seen.race)
    one = counted[201] == 1 and counted[409] == len(seen.race) - 1
    told = ", ".join(f"{count} x {status}" for status, count in sorted(counted.items()))
    remedy = "Count files with one conditional write: see backend/dynamodb_files.py."
    return [
        *_answers(seen, QUOTA),
        judge(place, within, f"{text}; the most is {most}", remedy),
        judge(place, full, f"{text} before one of {seen.refused_size} was refused", remedy),
        judge(place, one, f"concurrent requests for one free place got {told or 'none'}", remedy),
    ]


def _answers(seen: FilesSeen, wanted: dict[str, int]) -> list[Finding]:
    remedy = "See the API table in backend/README.md."
    return [
        expect(Resource(address=what), "the answer", seen.statuses.get(what), status, remedy)
        for what, status in wanted.items()
    ]


def _expires(one: SharedFile, rule: UploadsRule) -> Finding:
    asked = "as long as possible" if one.days is None else f"{one.days:g} days"
    place = Resource(address=f"a file for {asked}")
    days = rule.lifetimes[-1] if one.days is None else one.days
    lifetime = next((known for known in rule.lifetimes if days <= known), 0)
    remedy = "Let LIFETIMES in backend/uploads.py be the lifetimes of the lifecycle's prefixes."
    if one.link_ends is None:
        return judge(
            place, False, "its link never expires", "Bound it in backend/routes/uploads.py."
        )
    if one.object_ends is None:
        return judge(place, False, "no rule of the bucket expires its object", remedy)
    late = one.object_ends - one.link_ends
    # The rule's days instead of the link's, the rounding to midnight, and a late rule.
    most = timedelta(days=lifetime - days + 1 + rule.late)
    text = f"its object expires {_hours(late)} after its link; expected 0 to {_hours(most)}"
    return judge(place, timedelta() <= late <= most, text, remedy)


def _hours(time: timedelta) -> str:
    return f"{time / timedelta(hours=1):.1f} h"
