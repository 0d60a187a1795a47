"""Checks of the trial button in a browser."""

from __future__ import annotations

from collections.abc import Sequence

from verification.model.findings import Finding, expect, judge, missing
from verification.model.smoke.page import InvitationSeen, LinksPageSeen, Screen, Visit
from verification.model.stack import Resource

BUTTON = "Try Premium - Free for 30 days"
DAYS = "30"
STATES = ("signed-out", "new", "running", "over", "failed")
FIRST_DAY = (
    *("signed-out", "first-password", "new", "new"),
    *("signed-out", "forgot", "reset", "new"),
)
"""An invited user: the first sign-in, an hour later, the sign-out, and a forgotten password."""
WAYS = ("keyboard", "pointer")
_ADVICE = "Delete one first."
# A blank screenshot compresses to less; the smallest real one has several thousand bytes.
_PICTURE_BYTES = 2000


def shows_every_state(visits: Sequence[Visit]) -> list[Finding]:
    """Each visit, by keyboard and by pointer, goes through all states in order."""
    findings = [
        missing("page", f"a visit by {way}")
        for way in WAYS
        if way not in [visit.by for visit in visits]
    ]
    return findings + [found for visit in visits for found in _shows(visit, STATES)]


def _shows(visit: Visit, states: Sequence[str]) -> list[Finding]:
    """A visit goes through these states, in their order."""
    shown = [
        expect(s, "the state", s.shown, state)
        for s, state in zip(visit.screens, states, strict=False)
    ]
    lacking = states[len(visit.screens) :]
    return shown + [missing(visit.address, f"the state {state}") for state in lacking]


def invited_users_reach_the_trial(seen: InvitationSeen) -> list[Finding]:
    """An invited user gets to the trial, stays signed in, and can reset the password."""
    visits = [seen.visit]
    return [
        *_shows(seen.visit, FIRST_DAY),
        *fits_the_window(visits),
        *browser_does_not_complain(visits),
    ]


def links_and_files_work(seen: LinksPageSeen) -> list[Finding]:
    """On the page, a user shortens a URL, shares a file, sees both in the list, and deletes one.

    Of a file above the quota it says what to do.
    """
    place, visits = Resource(address="the list of links"), [seen.visit]
    steps = {
        "after a link": (seen.target,),
        "after a file": (seen.target, seen.filename),
        "after a deletion": (seen.filename,),
    }
    shown = [tuple(sorted(names)) for names in seen.listed] + [()] * len(steps)
    equal = seen.content == seen.sent
    return [
        *_shows(seen.visit, ("signed-out", *["new"] * len(steps), "new", "new")),
        *(
            expect(place, f"its entries {when}", names, tuple(sorted(wanted)))
            for (when, wanted), names in zip(steps.items(), shown, strict=False)
        ),
        judge(
            Resource(address="the shared file"),
            bool(seen.sent) and equal,
            f"its download {'equals' if equal else 'differs from'} the {len(seen.sent)} bytes sent",
            "See the upload's request in the browser's console, and the bucket's CORS rule.",
        ),
        judge(
            Resource(address="a file above the quota"),
            _ADVICE in seen.said,
            f'the page says "{seen.said}"',
            f'Show the error\'s message, with "{_ADVICE}".',
        ),
        *fits_the_window(visits),
        *browser_does_not_complain(visits),
    ]


def nobody_signs_up_uninvited(seen: InvitationSeen) -> list[Finding]:
    """SignUp without an invitation is rejected."""
    wanted = "NotAuthorizedException"
    remedy = "Set allow_admin_create_user_only = true in the user pool."
    return [
        expect(
            Resource(address="signing up"),
            "the answer",
            seen.sign_up or "an account",
            wanted,
            remedy,
        )
    ]


def offers_the_trial(visits: Sequence[Visit]) -> list[Finding]:
    """Only a new user is offered the trial; a running trial shows the days left."""
    findings = []
    for screen in _screens(visits):
        wanted = screen.state == "new"
        offered = BUTTON in screen.buttons
        buttons = " and ".join(f'"{name}"' for name in screen.buttons) or "no button"
        expected = f'expected {"" if wanted else "no "}"{BUTTON}"'
        text = f"offers {buttons}" + ("" if offered is wanted else f"; {expected}")
        findings.append(judge(screen, offered is wanted, text))
        if screen.state == "running":
            findings.append(expect(screen, "the number of days left", screen.days, DAYS))
    return findings


def fits_the_window(visits: Sequence[Visit]) -> list[Finding]:
    """Each state fits its window, has a heading, and has a screenshot."""
    findings = []
    for screen in _screens(visits):
        width = "is wider than the window" if screen.overflows else "fits the window"
        findings.append(judge(screen, not screen.overflows, width))
        heading = f'has the heading "{screen.heading}"' if screen.heading else "has no heading"
        findings.append(judge(screen, bool(screen.heading), heading))
        size = screen.picture.stat().st_size if screen.picture.is_file() else 0
        text = f"the screenshot {screen.picture} has {size} bytes"
        findings.append(judge(screen, size >= _PICTURE_BYTES, text))
    return findings


def browser_does_not_complain(visits: Sequence[Visit]) -> list[Finding]:
    """No console error, CSP violation, failed request or request to a foreign host."""
    findings = []
    for visit in visits:
        foreign = sorted(set(visit.requests) - visit.allowed)
        findings += [judge(visit, False, problem) for problem in visit.problems]
        findings += [judge(visit, False, f"sends requests to {origin}") for origin in foreign]
        silent = sorted(visit.allowed - set(visit.requests))
        findings += [judge(visit, False, f"sends no request to {origin}") for origin in silent]
        text = f"{len(visit.requests)} requests to {', '.join(sorted(set(visit.requests)))}"
        findings.append(judge(visit, bool(visit.requests), text))
    return findings


def _screens(visits: Sequence[Visit]) -> list[Screen]:
    return [screen for visit in visits for screen in visit.screens]
