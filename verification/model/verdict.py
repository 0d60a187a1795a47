"""What a check says of one thing, or a rung of one criterion."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What a check says of one thing, or a rung of one criterion."""

    PASS = "pass"
    WAIVED = "waived"
    FAIL = "fail"
    UNKNOWN = "unknown"
    ERROR = "error"
