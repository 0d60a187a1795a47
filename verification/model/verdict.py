"""What a check says of one thing, or a rung of one criterion."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """What a check says of one thing, or a rung of one criterion; the worst first."""

    FAIL = "fail"
    ERROR = "error"
    UNKNOWN = "unknown"
    WAIVED = "waived"
    PASS = "pass"


def worst(verdicts: Iterable[Verdict | None]) -> Verdict | None:
    """The worst of some verdicts; None if there is none."""
    found = set(verdicts)
    return next((verdict for verdict in Verdict if verdict in found), None)
