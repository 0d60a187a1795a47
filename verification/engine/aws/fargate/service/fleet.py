"""The tasks of one service, running and stopped, and the service's events about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any
from uuid import uuid4

from verification.engine.aws.fargate.definitions import TargetGroup, TaskDefinition
from verification.engine.aws.fargate.load_balancer.targets import Targets
from verification.engine.aws.fargate.service.rollout import Deployment, Rollouts
from verification.engine.aws.fargate.service.scheduler import Member, Why
from verification.engine.aws.fargate.tasks.process import TaskProcess, free_port
from verification.engine.aws.fargate.tasks.task import PENDING, STOPPED, Task

_REMEMBERED = 100


class Fleet:
    """All tasks of one agent; only `snapshot` may be called from other threads."""

    def __init__(
        self,
        launch: Callable[[Task], TaskProcess],
        targets: Targets,
        group: TargetGroup,
        rollouts: Rollouts,
    ) -> None:
        self._launch = launch
        self._targets = targets
        self._group = group
        self._rollouts = rollouts
        self._settled: set[str] = set()
        self._ports: set[int] = set()
        self.tasks: list[Task] = []

    def snapshot(self) -> list[Task]:
        """Every recorded task, oldest first."""
        return list(self.tasks)

    def start(self, count: int, deployment: Deployment, definition: TaskDefinition) -> None:
        """Start tasks of a deployment."""
        made = []
        for _ in range(count):
            task = Task(uuid4().hex, deployment.id, definition, self._port(), self._targets)
            self.tasks.append(task)
            made.append(task)
            task.start(self._launch)
        if made:
            self._rollouts.say(f"has started {len(made)} tasks: {_names(made)}.")
        if running := [task for task in made if task.status != STOPPED]:
            self._rollouts.say(f"registered {len(running)} targets in ({self._group.name})")

    def _port(self) -> int:
        """Return a free port that no task had before, so that late requests reach no other task."""
        while (port := free_port()) in self._ports:
            continue
        self._ports.add(port)
        return port

    def stop(self, wanted: Sequence[tuple[str, Why]], deployment: Deployment) -> None:
        """Stop tasks for the scheduler's reasons."""
        tasks = {task.ident: task for task in self.tasks if task.live}
        stopped = [(tasks[ident], why) for ident, why in wanted if ident in tasks]
        for task, why in stopped:
            if why is Why.SICK:
                task.failed = True
                self._rollouts.say(
                    f"(port {task.port}) is unhealthy in ({self._group.name}) due to (reason "
                    "Health checks failed)"
                )
                reason = f"Task failed ELB health checks in ({self._group.name})"
            else:
                reason = f"Scaling activity initiated by (deployment {deployment.id})"
            task.stop("ServiceSchedulerInitiated", reason)
        if stopped:
            self._rollouts.say(f"has begun draining connections on {len(stopped)} tasks.")
            self._rollouts.say(f"has stopped {len(stopped)} running tasks: {_names(stopped)}.")

    def obey(self, stops: dict[str, str]) -> None:
        """Stop the tasks that a user has stopped by the API."""
        for task in self.tasks:
            if task.ident in stops:
                task.stop("UserInitiated", stops[task.ident])

    def step(self) -> None:
        """Advance every task, and report the results to the deployments."""
        for task in self.tasks:
            was_healthy = task.was_healthy
            task.step()
            deployment = self._rollouts.past.get(task.deployment)
            if deployment is None:
                continue
            if task.was_healthy and not was_healthy:
                deployment.task_healthy()
            if task.failed and task.ident not in self._settled:
                self._settled.add(task.ident)
                deployment.task_failed()
        self._forget()

    def _forget(self) -> None:
        stopped = [task for task in self.tasks if task.status == STOPPED]
        old = stopped[:-_REMEMBERED]
        self.tasks = [task for task in self.tasks if task not in old] if old else self.tasks

    def members(self, primary: str, grace: float) -> list[Member]:
        """The running tasks as the scheduler sees them."""
        return [
            Member(t.ident, t.deployment == primary, t.healthy, t.sick(grace), t.created)
            for t in self.tasks
            if t.live
        ]

    def counts(self, deployment: Deployment) -> dict[str, int]:
        """The running and pending counts of a deployment, with ECS's names."""
        states = Counter(t.status for t in self.tasks if t.deployment == deployment.id)
        stopped = states.pop(STOPPED, 0)
        pending = states.pop(PENDING, 0)
        del stopped
        return {"runningCount": sum(states.values()), "pendingCount": pending}

    def others(self, primary: str) -> int:
        """The number of tasks that are stopping or not of the primary deployment."""
        return sum(
            1
            for t in self.tasks
            if t.status != STOPPED and not (t.live and t.deployment == primary)
        )

    def kill(self) -> None:
        """Kill every process, and wait for them."""
        started = [(t, t.process) for t in self.tasks if t.process and t.status != STOPPED]
        for _, process in started:
            process.kill()
        for _, process in started:
            process.wait(5)

    def health(self) -> list[dict[str, Any]]:
        """The registered targets, for the report."""
        return [
            {
                "address": "127.0.0.1",
                "port": target.port,
                "state": target.state,
                "reason": target.reason or None,
                "description": target.description or None,
            }
            for target in self._targets.all()
        ]


def _names(tasks: Collection[Any]) -> str:
    plain = (task[0] if isinstance(task, tuple) else task for task in tasks)
    return " ".join(f"(task {task.ident})" for task in plain)
