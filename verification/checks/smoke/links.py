"""Links and files as seen from outside."""

from __future__ import annotations

from verification.model.findings import Finding, expect, judge
from verification.model.observations import FileSeen, LinksSeen
from verification.model.stack import Resource

# What each request must be answered; the names are those of the scenario `links`.
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
    """Every request for a link is answered as the API promises."""
    remedy = "backend/README.md says what the API answers."
    return [
        expect(Resource(address=what), "the answer", seen.statuses.get(what), status, remedy)
        for what, status in ANSWERS.items()
    ]


def redirects_to_the_target(seen: LinksSeen) -> list[Finding]:
    """A redirect leads to exactly the address that was shortened."""
    return [expect(Resource(address="redirect"), "Location", seen.location, seen.target)]


def counts_every_click(seen: LinksSeen) -> list[Finding]:
    """Clicks at the same time are all counted, and each once; once more for each lost answer.

    Where nobody recorded lost answers, a higher count may be their doing: it stays unknown.
    """
    remedy = "Count by one atomic ADD, not by reading and writing."
    place, more = Resource(address="clicks"), seen.clicks - seen.clicked
    text = f"the count is {seen.clicks}, of {seen.clicked} clicks"
    if more > 0 and seen.repeated is None:
        return [judge(place, None, f"{text}; nobody recorded how many answers were lost")]
    if more > 0 and seen.repeated:
        text += f" and {seen.repeated} that were repeated"
        return [judge(place, more <= seen.repeated, text, remedy)]
    return [expect(place, "the count", seen.clicks, seen.clicked, remedy)]


def head_counts_no_click(seen: LinksSeen) -> list[Finding]:
    """Asking for a link by HEAD, as previews do, is no click."""
    remedy = "Look the link up for HEAD, and count for GET only."
    return [expect(Resource(address="HEAD"), "the count", seen.head_clicks, 0, remedy)]


def lead_to_the_public_address(seen: LinksSeen) -> list[Finding]:
    """A short address begins with the deployment's own, whatever host a client says it asked."""
    remedy = "Make it from PUBLIC_URL, not from a header of the request."
    return [
        expect(Resource(address=what), "its address", url, f"{seen.public_url}/{code}", remedy)
        for what, (url, code) in seen.handed_out.items()
    ]


def are_listed_in_pages(seen: LinksSeen) -> list[Finding]:
    """The pages of the list hold every own link once, nobody else's, and no page is too long."""
    listed = sorted(code for page in seen.pages for code in page)
    longest = max(map(len, seen.pages), default=0)
    size = f"the longest of {len(seen.pages)} pages has {longest} links, of {seen.page_size}"
    several = len(seen.pages) > 1 and 0 < longest <= seen.page_size
    place = Resource(address="GET /api/links")
    return [
        expect(place, "what is listed", listed, sorted(seen.made)),
        judge(place, several, size, "Keep to the limit, and give a cursor for the next page."),
    ]


def expire_by_ttl(seen: LinksSeen) -> list[Finding]:
    """The table's TTL attribute holds the expiry that was asked for, in epoch seconds."""
    remedy = "DynamoDB deletes by it: write int(expires_at.timestamp())."
    place = Resource(address="expires_at_ttl")
    return [expect(place, "the stored expiry", seen.ttl, seen.expiry, remedy)]


def files_come_back(seen: FileSeen) -> list[Finding]:
    """A file goes up by a signed address and comes down whole, as a download, by another."""
    findings = [
        expect(Resource(address=f"file: {what}"), "the answer", seen.statuses.get(what), status)
        for what, status in FILE_ANSWERS.items()
    ]
    place, same = Resource(address="file: content"), seen.sent == seen.received
    sizes = f"{len(seen.sent)} bytes went up and {len(seen.received)} came down"
    text = f"{sizes}, {'the same' if same else 'but not the same'}"
    saved = seen.disposition.startswith("attachment;")
    header = f"Content-Disposition is {seen.disposition or 'missing'}"
    return [
        *findings,
        judge(place, same and bool(seen.sent), text),
        judge(place, saved, header, "It must be an attachment, or a file could run as a page."),
    ]
