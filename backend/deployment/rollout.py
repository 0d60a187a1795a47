"""Starts a deployment and follows exactly that one, by its id, to its end.

"The service is stable" says nothing: after a rollback it is stable too, with the old image.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from backend.deployment.target import Target, describe_service

# So long an answer may still be from before the update.
STALE_SECONDS = 30.0
_LONGEST_PAUSE = 5.0


class Outcome(StrEnum):
    """How a deployment ended; only COMPLETED runs what was deployed."""

    COMPLETED = "completed"
    ROLLED_BACK = "rolled back"
    FAILED = "failed"
    REPLACED = "replaced by another deployment"
    TIMED_OUT = "not completed in time"


@dataclass(frozen=True)
class Started:
    """A deployment that ECS accepted, and what the service had before it."""

    id: str
    revision: str
    known_deployments: frozenset[str]
    known_events: frozenset[str]
    has_fallback: bool


@dataclass(frozen=True)
class Ended:
    """How a deployment ended, in ECS's own words, with the service's last description."""

    outcome: Outcome
    reason: str
    seconds: float
    service: dict[str, Any]


@dataclass(frozen=True)
class Patience:
    """How long to wait, by which clock; `say` hears of progress, one line at a time."""

    timeout: float
    say: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def has_fallback(service: dict[str, Any]) -> bool:
    """Whether tasks of a completed deployment run, which the circuit breaker could go back to."""
    return any(
        deployment.get("rolloutState") == "COMPLETED" and deployment.get("runningCount", 0) > 0
        for deployment in service["deployments"]
    )


def start(ecs: Any, target: Target, before: dict[str, Any], revision: str) -> Started:
    """Update the service to `revision` and remember the deployment that this makes.

    A new deployment is forced: deploying the same again is how changed parameters are picked up.
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
    """Wait until the deployment has ended, or for as long as `patience` lasts."""
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
    """How the deployment ended, with ECS's reason; None while it goes on.

    Args:
        deployments: what ECS lists for the service now. Failed ones disappear after a while.
        started: the deployment to judge.
        seconds: how long ago it started: very early, ECS may list what was there before.
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
        text = reason or "ECS lists the deployment no longer"
        return None if late else (Outcome.ROLLED_BACK, text)
    if "rolling back" in reason.lower():
        return Outcome.ROLLED_BACK, reason
    return Outcome.REPLACED, f"the service's deployment is now {primary['id']}"


def _progress(deployments: Sequence[dict[str, Any]], id_: str) -> str:
    for deployment in deployments:
        if deployment["id"] == id_:
            running, wanted = deployment.get("runningCount", 0), deployment.get("desiredCount", 0)
            failed = deployment.get("failedTasks", 0)
            text = f"{running} of {wanted} tasks run"
            return f"{text}, {failed} failed to start" if failed else text
    return "ECS does not list the deployment yet"
