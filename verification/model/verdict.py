"""The verdict of a check on one thing, or of a rung on one criterion."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """The verdict of a check on one thing, or of a rung on one criterion; the worst first."""

    FAIL = "fail"
    ERROR = "error"
    UNKNOWN = "unknown"
    WAIVED = "waived"
    PASS = "pass"


def worst(verdicts: Iterable[Verdict | None]) -> Verdict | None:
    """The worst of the verdicts; None if there are none."""
    found = set(verdicts)
    return next((verdict for verdict in Verdict if verdict in found), None)
