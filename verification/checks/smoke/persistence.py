"""Checks that data outlives the tasks on DynamoDB, and does not on SQLite."""

from __future__ import annotations

from verification.model.findings import Finding, expect, judge, missing
from verification.model.smoke.observations import Holdings, PersistenceSeen
from verification.model.stack import Resource
from verification.model.verdict import Verdict


def survives(seen: PersistenceSeen) -> list[Finding]:
    """Trial, links, redirect and clicks are the same after each event as before it."""
    if not seen.before.trial.get("trial_used") or not seen.before.codes:
        return [missing("before the first event", "a started trial or a link")]
    if not seen.after:
        return [missing("the tasks", "an event to survive")]
    return [
        finding for event, now in seen.after.items() for finding in _kept(event, seen.before, now)
    ]


def dies_on_sqlite(seen: PersistenceSeen) -> list[Finding]:
    """Negative control: on SQLite the same check fails for the trial and for the link."""
    findings = survives(seen)
    failed = {str(f.address) for f in findings if f.verdict is Verdict.FAIL}
    remedy = "The check would miss lost data. In engine/aws/fargate a disk must end with its task."
    return [
        judge(
            Resource(address=f"negative control: {finding.address}"),
            finding.address in failed,
            f"on SQLite the same check {'fails' if finding.address in failed else 'passes'}",
            remedy,
        )
        for finding in findings
    ]


def _kept(event: str, before: Holdings, now: Holdings) -> list[Finding]:
    remedy = "Set USE_DYNAMODB to true in the running task."
    place = {part: Resource(address=f"{part} after {event}") for part in _PARTS}
    return [
        expect(place["trial"], "its fields", dict(now.trial), dict(before.trial), remedy),
        expect(place["list of links"], "the short codes", now.codes, before.codes, remedy),
        expect(place["redirect"], "its status and Location", now.redirect, before.redirect, remedy),
        expect(place["clicks"], "the count", now.clicks, now.clicked, remedy),
    ]


_PARTS = ("trial", "list of links", "redirect", "clicks")
