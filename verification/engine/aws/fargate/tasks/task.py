"""One task, from PENDING to STOPPED."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from verification.engine.aws.fargate.definitions import TaskDefinition
from verification.engine.aws.fargate.tasks.process import TaskProcess
from verification.engine.system.yardstick import stretched

PENDING, RUNNING, DEACTIVATING = "PENDING", "RUNNING", "DEACTIVATING"
STOPPING, STOPPED = "STOPPING", "STOPPED"

EXITED = ("EssentialContainerExited", "Essential container in task exited")


class StartFailure(Exception):
    """A task cannot be started; the text is ECS's stopped reason."""


class Balancing(Protocol):
    """The load balancer's interface for tasks."""

    def register(self, ident: str, port: int) -> None:
        """Start checking the target."""

    def deregister(self, ident: str) -> None:
        """Start draining it."""

    def drained(self, ident: str) -> bool:
        """Whether draining has finished."""

    def remove(self, ident: str) -> None:
        """Remove it."""

    def state(self, ident: str) -> str:
        """Its ELB state."""


@dataclass(eq=False)
class Task:
    """A task of one deployment; the agent advances it with `start`, `stop` and `step`.

    `status` is an ECS status. `was_healthy` is whether it ever was healthy.
    """

    ident: str
    deployment: str
    definition: TaskDefinition
    port: int
    targets: Balancing
    created: float = field(default_factory=time.time)
    status: str = PENDING
    process: TaskProcess | None = None
    code: str = ""
    reason: str = ""
    started: float = 0.0
    stopping: float = 0.0
    stopped: float = 0.0
    exit_code: int | None = None
    was_healthy: bool = False
    failed: bool = False

    def start(self, launch: Callable[[Task], TaskProcess]) -> None:
        """Start its process, or stop the task with the reason of the failure.

        Raises:
            Exception: raised by `launch`, other than StartFailure; the task is stopped with it.
        """
        try:
            self.process = launch(self)
        except StartFailure as failure:
            self._fail_to_start(str(failure))
            return
        except Exception as error:
            # Otherwise it would stay pending, and would not be replaced.
            self._fail_to_start(f"the embedded agent could not start it: {error!r}")
            raise
        self.status, self.started = RUNNING, time.time()
        self.targets.register(self.ident, self.port)

    def _fail_to_start(self, reason: str) -> None:
        self.code, self.reason, self.failed = "TaskFailedToStart", reason, True
        self._end(None)

    def stop(self, code: str, reason: str) -> None:
        """Drain it, then terminate its process."""
        if self.live:
            self.code, self.reason = code, reason
            self.status = DEACTIVATING
            self.targets.deregister(self.ident)

    def step(self) -> None:
        """Update its state, and do what is due."""
        if self.process is None or self.status == STOPPED:
            return
        self.was_healthy = self.was_healthy or self.healthy
        ended = self.process.exit_code()
        if ended is not None:
            if self.live:
                (self.code, self.reason), self.failed = EXITED, True
            self._end(ended)
        elif self.status == DEACTIVATING and self.targets.drained(self.ident):
            self.status, self.stopping = STOPPING, time.monotonic()
            self.process.terminate()
        elif self.status == STOPPING and self._overdue:
            self.process.kill()

    @property
    def _overdue(self) -> bool:
        return time.monotonic() - self.stopping > stretched(self.definition.stop_timeout)

    def _end(self, exit_code: int | None) -> None:
        self.targets.remove(self.ident)
        self.status, self.stopped, self.exit_code = STOPPED, time.time(), exit_code

    @property
    def live(self) -> bool:
        """Whether it counts as one of the service's tasks."""
        return self.status in (PENDING, RUNNING)

    @property
    def healthy(self) -> bool:
        """Whether it is running and healthy."""
        return self.status == RUNNING and self.targets.state(self.ident) == "healthy"

    def sick(self, grace: float) -> bool:
        """Whether the load balancer reports it as unhealthy after the grace period."""
        if self.status != RUNNING or self.targets.state(self.ident) != "unhealthy":
            return False
        return time.time() - self.started > grace

    def describe(self, cluster: str, service: str) -> dict[str, Any]:
        """Describe it as ECS does; times in epoch seconds."""
        prefix, account_path = self.definition.arn.split(":task-definition/")[0], self.ident
        times = {"createdAt": self.created, "startedAt": self.started, "stoppedAt": self.stopped}
        arn = f"{prefix}:task/{cluster}/{account_path}"
        stopped = {"stopCode": self.code, "stoppedReason": self.reason} if self.code else {}
        return {
            "taskArn": arn,
            "clusterArn": f"{prefix}:cluster/{cluster}",
            "taskDefinitionArn": self.definition.arn,
            "group": f"service:{service}",
            "startedBy": self.deployment,
            "launchType": "FARGATE",
            "lastStatus": self.status,
            "desiredStatus": "RUNNING" if self.live else "STOPPED",
            "containers": [self._container(arn)],
            **stopped,
            **{name: moment for name, moment in times.items() if moment},
        }

    def _container(self, task_arn: str) -> dict[str, Any]:
        exit_code = {} if self.exit_code is None else {"exitCode": self.exit_code}
        return {
            "name": self.definition.container,
            "image": self.definition.image,
            "taskArn": task_arn,
            "lastStatus": self.status if self.status in (PENDING, STOPPED) else RUNNING,
            **exit_code,
        }
