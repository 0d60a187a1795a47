"""What a good visit, load and throttling look like; twins change one thing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from verification.checks.smoke.page import BUTTON, FIRST_DAY, STATES
from verification.model.contract import LoadRule
from verification.model.findings import Finding
from verification.model.smoke.faults import Reply, Throttled, ThrottlingSeen
from verification.model.smoke.load import AwsCall, Endpoint, LoadSeen, TableUse
from verification.model.smoke.page import InvitationSeen, LinksPageSeen, Screen, Visit
from verification.model.verdict import Verdict

APPLICATION, AWS = "http://127.0.0.1:5000", "http://127.0.0.1:4566"
RULE = LoadRule(
    users=20, seconds=10, pace=4, minimum_requests=200, p95_milliseconds=1000, p95_bare_calls=12
)
BUTTONS = {"signed-out": ("Sign in",), "new": ("Sign out", BUTTON)}
TARGET, FILENAME = "https://example.com/a", "shared.txt"
LISTED = ((TARGET,), (FILENAME, TARGET), (FILENAME,))
INFO = json.dumps({"level": "INFO", "message": "request"})
ERROR = json.dumps({"level": "ERROR", "message": "a service is unavailable"})
SORRY = '{"error": {"code": "unavailable", "message": "Try again shortly."}}'


def screen(state: str, width: int, picture: Path) -> Screen:
    """What the page shows when all is well."""
    return Screen(
        state=state,
        width=width,
        shown=state,
        heading="A heading",
        buttons=BUTTONS.get(state, ("Sign out",)),
        days="30" if state == "running" else "",
        overflows=False,
        picture=picture,
    )


def visit(by: str, width: int, picture: Path) -> Visit:
    """A visit through all states."""
    screens = tuple(screen(state, width, picture) for state in STATES)
    asked = (APPLICATION, APPLICATION, AWS, AWS, APPLICATION)
    return Visit(by, width, screens, (), asked, frozenset({APPLICATION, AWS}))


def first_day(folder: Path) -> InvitationSeen:
    """An invited user's first day, and a refused sign-up, with a picture."""
    picture = folder / "screen.png"
    picture.write_bytes(bytes(5000))
    screens = tuple(screen(state, 1280, picture) for state in FIRST_DAY)
    good = visit("keyboard", 1280, picture)
    return InvitationSeen("NotAuthorizedException", replace(good, screens=screens))


def links_page(folder: Path) -> LinksPageSeen:
    """A link made, a file shared, the link deleted, a file refused, with a picture."""
    seen = first_day(folder)
    shown = [seen.visit.screens[0], *[seen.visit.screens[2]] * 5]
    visit = replace(seen.visit, screens=tuple(shown))
    said = "You share 100 files; 100 is the most. Delete one first."
    return LinksPageSeen(visit, TARGET, FILENAME, b"shared", LISTED, b"shared", said)


def visits(folder: Path) -> list[Visit]:
    """Both visits, with a picture."""
    picture = folder / "screen.png"
    picture.write_bytes(bytes(5000))
    return [visit("pointer", 390, picture), visit("keyboard", 1280, picture)]


def calls(operation: str, table: str, count: int) -> list[AwsCall]:
    """So many calls that went well."""
    return [AwsCall(operation, table, 200, "")] * count


def load() -> LoadSeen:
    """A load that was borne."""
    counts = {"status": 90, "redirect": 150, "shorten": 30, "list": 30}
    made = calls("UpdateItem", "urls", 150) + calls("PutItem", "urls", 30)
    made += calls("Query", "urls", 30) + calls("GetItem", "urls", 150)
    made += calls("GetItem", "users", 90)
    use = {
        "start the trial": 201,
        "start it again": 409,
        "shorten": 201,
        "shorten an invalid URL": 400,
        "follow": 302,
        "delete": 204,
        "follow a deleted link": 404,
        "request without a token": 401,
        "the page": 200,
    }
    endpoints = tuple(Endpoint(name, count, 0, 50.0, 120.0) for name, count in counts.items())
    tables = (TableUse("urls", 210, "calls", 0, 0), TableUse("users", 98, "calls", 0, 0))
    return LoadSeen(endpoints, (), tuple(made), tables, use, (INFO, INFO), (10.0,) * 100)


def throttling() -> ThrottlingSeen:
    """Throttling as expected borne."""
    served = (Reply("follow", 302, "", ""), Reply("start the trial", 201, "", "{}"))
    refused = tuple(Reply(reply.asked, 503, "5", SORRY) for reply in served)
    return ThrottlingSeen(
        brief=Throttled(served, 2),
        sustained=Throttled(refused, 8),
        after=Throttled(served, 0),
        logs_before=(INFO,),
        logs=(INFO, INFO, ERROR, ERROR),
    )


def failures(findings: list[Finding]) -> list[str]:
    """What the failing findings say."""
    return [str(finding) for finding in findings if finding.verdict is Verdict.FAIL]
