"""Starts a deployment, and waits for the end of exactly that one, by its id.

A stable service is not sufficient: after a rollback it is stable too, with the old image.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from backend.deployment.target import Target, describe_service

# For this long, an answer may still be from before the update.
STALE_SECONDS = 30.0
_LONGEST_PAUSE = 5.0


class Outcome(StrEnum):
    """The end of a deployment; only COMPLETED runs the new revision."""

    COMPLETED = "completed"
    ROLLED_BACK = "rolled back"
    FAILED = "failed"
    REPLACED = "replaced by another deployment"
    TIMED_OUT = "not completed in time"


@dataclass(frozen=True)
class Started:
    """A started deployment, and the service's state before it."""

    id: str
    revision: str
    known_deployments: frozenset[str]
    known_events: frozenset[str]
    has_fallback: bool


@dataclass(frozen=True)
class Ended:
    """The end of a deployment, with ECS's reason and the service's last description."""

    outcome: Outcome
    reason: str
    seconds: float
    service: dict[str, Any]


@dataclass(frozen=True)
class Patience:
    """Timeout, pause and clock of waiting; `say` is called with progress lines."""

    timeout: float
    say: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def has_fallback(service: dict[str, Any]) -> bool:
    """Whether a completed deployment has running tasks, to which ECS could roll back."""
    return any(
        deployment.get("rolloutState") == "COMPLETED" and deployment.get("runningCount", 0) > 0
        for deployment in service["deployments"]
    )


def start(ecs: Any, target: Target, before: dict[str, Any], revision: str) -> Started:
    """Update the service to `revision`, and record the new deployment.

    forceNewDeployment, so that deploying the same revision applies changed parameters.
    """
    answer = ecs.update_service(
        cluster=target.cluster,
        service=target.service,
        taskDefinition=revision,
        forceNewDeployment=True,
    )
    made = [d["id"] for d in answer["service"]["deployments"] if d["status"] == "PRIMARY"]
    return Started(
        id=made[0] if made else "",
        revision=revision,
        known_deployments=frozenset(d["id"] for d in before["deployments"]),
        known_events=frozenset(e["id"] for e in before.get("events", [])),
        has_fallback=has_fallback(before),
    )


def follow(ecs: Any, target: Target, started: Started, patience: Patience) -> Ended:
    """Wait until the deployment has ended, or until the timeout of `patience`."""
    began, said = patience.clock(), ""
    while True:
        service = describe_service(ecs, target)
        seconds = patience.clock() - began
        ended = judge(service["deployments"], started, seconds)
        if ended is not None:
            return Ended(*ended, seconds, service)
        line = _progress(service["deployments"], started.id)
        if line != said:
            patience.say(f"{seconds:4.0f} s  {line}")
            said = line
        if seconds >= patience.timeout:
            return Ended(Outcome.TIMED_OUT, line, seconds, service)
        patience.sleep(min(0.5 + seconds / 4, _LONGEST_PAUSE))


def judge(
    deployments: Sequence[dict[str, Any]], started: Started, seconds: float
) -> tuple[Outcome, str] | None:
    """The end of the deployment, with ECS's reason; None while it is in progress.

    Args:
        deployments: the service's deployments as listed by ECS. Failed ones disappear after a
            while.
        started: the deployment to judge.
        seconds: the time since its start; at first, ECS may list the state from before it.
    """
    mine = next((d for d in deployments if d["id"] == started.id), None)
    primary = next((d for d in deployments if d["status"] == "PRIMARY"), None)
    reason = (primary or {}).get("rolloutStateReason", "")
    if mine is not None and mine.get("rolloutState") == "FAILED":
        own = mine.get("rolloutStateReason", "")
        return (Outcome.FAILED if mine is primary else Outcome.ROLLED_BACK), own or reason
    if mine is not None and mine is primary:
        return (Outcome.COMPLETED, reason) if mine.get("rolloutState") == "COMPLETED" else None
    if primary is None or primary["id"] in started.known_deployments:
        late = mine is None and seconds < STALE_SECONDS
        text = reason or "ECS no longer lists the deployment"
        return None if late else (Outcome.ROLLED_BACK, text)
    if "rolling back" in reason.lower():
        return Outcome.ROLLED_BACK, reason
    return Outcome.REPLACED, f"the primary deployment is now {primary['id']}"


def _progress(deployments: Sequence[dict[str, Any]], id_: str) -> str:
    for deployment in deployments:
        if deployment["id"] == id_:
            running, wanted = deployment.get("runningCount", 0), deployment.get("desiredCount", 0)
            failed = deployment.get("failedTasks", 0)
            text = f"{running} of {wanted} tasks run"
            return f"{text}, {failed} failed to start" if failed else text
    return "ECS does not list the deployment yet"
