"""Edits of alarms, for the twins of monitoring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.checks.edits import Change, edit
from tests.checks.kit import Twin
from verification.checks.stack import monitoring
from verification.model.stack import Metric
from verification.model.verdict import Verdict

WATCH = monitoring.watch_every_failure
UNDECIDED = Verdict.UNKNOWN
THROTTLED = 'throttled["urls-read"]'
BACKEND = "backend_errors"
SLOW = "response_time"
UNHEALTHY = "unhealthy_tasks"
TASKS = "missing_tasks"


def alarm(at: str, **changes: object) -> Change:
    """Change an alarm."""
    return edit("alarms", at, **changes)


def metric(at: str, **changes: Any) -> Change:
    """Change each metric of an alarm; a function is given the old value."""

    def changed(old: Metric) -> Metric:
        new = {k: v(getattr(old, k)) if callable(v) else v for k, v in changes.items()}
        return replace(old, **new)

    return alarm(at, metrics=lambda metrics: tuple(changed(m) for m in metrics))


def more(**dimensions: object) -> Callable[[dict[str, object]], dict[str, object]]:
    """Add dimensions to those that are there, or replace them."""
    return lambda old: old | dimensions


def silent(what: str, at: str, change: Change, says: str, **rest: Any) -> Twin:
    """An alarm that does not do its work."""
    return Twin(WATCH, what, change, at, says, **rest)
