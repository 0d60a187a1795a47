"""Checks of what is answered to anybody."""

from __future__ import annotations

from verification.model.findings import Finding, expect
from verification.model.smoke.observations import VisitorsSeen
from verification.model.smoke.visits import EXPECTED
from verification.model.stack import Resource


def are_answered(seen: VisitorsSeen) -> list[Finding]:
    """Page and health checks are served, what needs a token is refused, and nothing fails."""
    return [
        expect(Resource(address=f"GET {path}"), "the status", seen.answers.get(path), status)
        for path, status in EXPECTED.items()
    ]
