"""The deployments of a service: start, completion, failure, rollback, and events."""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import uuid4

from verification.engine.aws.fargate.definitions import Rules

IN_PROGRESS, COMPLETED, FAILED = "IN_PROGRESS", "COMPLETED", "FAILED"
_EVENTS = 100
_LONGEST_PAUSE = 5.0


@dataclass
class Deployment:
    """One deployment; `failed` counts failed tasks in a row, like ECS's failedTasks."""

    id: str
    revision: str
    status: str
    state: str
    reason: str
    created: float
    updated: float = field(default_factory=time.time)
    failed: int = 0
    is_rollback: bool = False
    not_before: float = 0.0

    def change(self, state: str, reason: str) -> None:
        """Change the rollout state."""
        self.state, self.reason, self.updated = state, reason, time.time()

    def task_failed(self) -> None:
        """Count a failed task; the next one is delayed longer, as by ECS's throttling."""
        self.failed += 1
        self.updated = time.time()
        self.not_before = time.monotonic() + min(0.1 * 2**self.failed, _LONGEST_PAUSE)

    def task_healthy(self) -> None:
        """Reset the count of failed tasks, because its tasks can run."""
        self.failed, self.not_before = 0, 0.0


class Rollouts:
    """The deployments that ECS lists, all earlier ones, and the service's events."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._completed: Deployment | None = None
        self._steady = False
        self.listed: list[Deployment] = []
        self.past: dict[str, Deployment] = {}
        self.events: deque[dict[str, Any]] = deque(maxlen=_EVENTS)

    @property
    def primary(self) -> Deployment:
        """The primary deployment."""
        return self.listed[0]

    def adopt(self, listed: Sequence[Mapping[str, Any]]) -> None:
        """Update from ECS's list, which has the deployments that users started."""
        self.listed = [self._known(answer) for answer in listed]
        for deployment, answer in zip(self.listed, listed, strict=True):
            deployment.status = answer["status"]

    def _known(self, answer: Mapping[str, Any]) -> Deployment:
        if answer["id"] not in self.past:
            made = Deployment(
                id=answer["id"],
                revision=answer["taskDefinition"],
                status=answer["status"],
                state=answer["rolloutState"],
                reason=answer["rolloutStateReason"],
                created=answer["createdAt"],
            )
            self.past[made.id] = made
            best = self._completed
            if made.state == COMPLETED and (best is None or best.created < made.created):
                self._completed = made
        return self.past[answer["id"]]

    def say(self, message: str) -> None:
        """Add a service event, with ECS's wording."""
        text = f"(service {self._service}) {message}"
        self.events.appendleft({"id": str(uuid4()), "createdAt": time.time(), "message": text})

    def judge(self, rules: Rules, healthy: int, others: int) -> None:
        """Complete, fail or roll back the primary deployment if due.

        Args:
            rules: the service's rules.
            healthy: the number of healthy tasks of the primary deployment.
            others: the number of other tasks that are not yet stopped.
        """
        primary, steady = self.primary, healthy == rules.desired and others == 0
        if primary.state == IN_PROGRESS:
            if steady:
                self._complete(primary)
            elif rules.breaker and primary.failed >= rules.threshold:
                self._fail(primary, rules.rollback)
        if steady and not self._steady and primary.state == COMPLETED:
            self.say("has reached a steady state.")
        self._steady = steady

    def _complete(self, primary: Deployment) -> None:
        primary.change(COMPLETED, f"ECS deployment {primary.id} completed.")
        self.say(f"(deployment {primary.id}) deployment completed.")
        self._completed, self.listed, self._steady = primary, [primary], False

    def _fail(self, primary: Deployment, rollback: bool) -> None:
        primary.change(FAILED, "ECS deployment circuit breaker: tasks failed to start.")
        self.say(f"(deployment {primary.id}) deployment failed: tasks failed to start.")
        good = self._completed
        if rollback and good is not None and not primary.is_rollback:
            self.say(f"rolling back to deployment {good.id}.")
            self._roll_back(good)

    def _roll_back(self, good: Deployment) -> None:
        made = Deployment(
            id=f"ecs-svc/{10**18 + secrets.randbelow(8 * 10**18)}",
            revision=good.revision,
            status="PRIMARY",
            state=IN_PROGRESS,
            reason=f"ECS deployment circuit breaker: rolling back to deploymentId {good.id}.",
            created=time.time(),
            is_rollback=True,
        )
        for deployment in self.listed:
            deployment.status = "ACTIVE"
        self.past[made.id] = made
        self.listed.insert(0, made)

    def history(self) -> list[dict[str, Any]]:
        """Every deployment with its last state, oldest first."""
        return [asdict(made) for made in sorted(self.past.values(), key=lambda d: d.created)]
