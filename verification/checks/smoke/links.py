"""Checks of short links and files, as a client sees them."""

from __future__ import annotations

from verification.model.findings import Finding, expect, judge
from verification.model.smoke.observations import FileSeen, LinksSeen
from verification.model.stack import Resource

# Expected status of each request; the names are those of the scenario `links`.
ANSWERS = {
    "redirect": 302,
    "own alias": 201,
    "alias taken": 409,
    "another's alias": 201,
    "reserved alias": 400,
    "unknown code": 404,
    "javascript: target": 400,
    "data: target": 400,
    "target too long": 400,
    "no target": 400,
    "before expiry": 302,
    "expired": 410,
    "HEAD": 302,
    "another's delete": 404,
    "redirect after another's delete": 302,
    "own delete": 204,
    "redirect after own delete": 404,
    "list without a token": 401,
}
FILE_ANSWERS = {
    "asking": 201,
    "upload": 200,
    "redirect": 302,
    "download": 200,
    "download without a signature": 403,
}


def are_answered(seen: LinksSeen) -> list[Finding]:
    """Every request for a link is answered with the documented status."""
    remedy = "See the API table in backend/README.md."
    return [
        expect(Resource(address=what), "the answer", seen.statuses.get(what), status, remedy)
        for what, status in ANSWERS.items()
    ]


def redirects_to_the_target(seen: LinksSeen) -> list[Finding]:
    """A redirect leads to exactly the URL that was shortened."""
    return [expect(Resource(address="redirect"), "Location", seen.location, seen.target)]


def counts_every_click(seen: LinksSeen) -> list[Finding]:
    """Concurrent clicks are all counted, each once; at most once more for each lost answer.

    Unknown if the count is too high and lost answers were not recorded.
    """
    remedy = "Count with one atomic ADD, not with a read and a write."
    place, more = Resource(address="clicks"), seen.clicks - seen.clicked
    text = f"the count is {seen.clicks}; expected {seen.clicked}"
    if more > 0 and seen.repeated is None:
        return [judge(place, None, f"{text}; lost answers were not recorded")]
    if more > 0 and seen.repeated:
        text += f" to {seen.clicked + seen.repeated} (repeated calls)"
        return [judge(place, more <= seen.repeated, text, remedy)]
    return [expect(place, "the count", seen.clicks, seen.clicked, remedy)]


def head_counts_no_click(seen: LinksSeen) -> list[Finding]:
    """A HEAD request, as sent by link previews, is not counted as a click."""
    remedy = "Count GET requests only."
    return [expect(Resource(address="HEAD"), "the count", seen.head_clicks, 0, remedy)]


def lead_to_the_public_address(seen: LinksSeen) -> list[Finding]:
    """A short URL begins with the deployment's public URL, whatever Host a client sends."""
    remedy = "Build it from PUBLIC_URL, not from a request header."
    return [
        expect(Resource(address=what), "its URL", url, f"{seen.public_url}/{code}", remedy)
        for what, (url, code) in seen.handed_out.items()
    ]


def are_listed_in_pages(seen: LinksSeen) -> list[Finding]:
    """The pages list each of the user's links once and no others, and respect the limit."""
    listed = sorted(code for page in seen.pages for code in page)
    longest = max(map(len, seen.pages), default=0)
    size = f"the longest of {len(seen.pages)} pages has {longest} links, limit {seen.page_size}"
    several = len(seen.pages) > 1 and 0 < longest <= seen.page_size
    place = Resource(address="GET /api/links")
    return [
        expect(place, "the listed codes", listed, sorted(seen.made)),
        judge(place, several, size, "Respect the limit, and return a cursor for the next page."),
    ]


def expire_by_ttl(seen: LinksSeen) -> list[Finding]:
    """The table's TTL attribute is the requested expiry in epoch seconds.

    Amazon DynamoDB Developer Guide, "Using time to live (TTL) in DynamoDB":
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
    """
    remedy = "Write int(expires_at.timestamp()); DynamoDB expires items by it."
    place = Resource(address="expires_at_ttl")
    return [expect(place, "the stored expiry", seen.ttl, seen.expiry, remedy)]


def files_come_back(seen: FileSeen) -> list[Finding]:
    """A file uploaded by a presigned URL is downloaded unchanged, as an attachment."""
    findings = [
        expect(Resource(address=f"file: {what}"), "the answer", seen.statuses.get(what), status)
        for what, status in FILE_ANSWERS.items()
    ]
    place, same = Resource(address="file: content"), seen.sent == seen.received
    sizes = f"{len(seen.sent)} bytes were uploaded and {len(seen.received)} downloaded"
    text = f"{sizes}, {'with equal content' if same else 'with different content'}"
    saved = seen.disposition.startswith("attachment;")
    header = f"Content-Disposition is {seen.disposition or 'missing'}"
    return [
        *findings,
        judge(place, same and bool(seen.sent), text),
        judge(place, saved, header, "Use attachment; otherwise a file could be shown as a page."),
    ]
