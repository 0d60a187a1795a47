"""The agent: does what ECS and its load balancer would do for one service."""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.aws.fargate.definitions import (
    HealthCheck,
    Rules,
    read_target_group,
    read_task_definition,
    rules,
)
from verification.engine.aws.fargate.emulator_channel import Link
from verification.engine.aws.fargate.load_balancer.balancer import Balancer
from verification.engine.aws.fargate.service.fleet import Fleet
from verification.engine.aws.fargate.service.rollout import Deployment, Rollouts
from verification.engine.aws.fargate.service.scheduler import next_step
from verification.engine.aws.fargate.tasks.launcher import Images, Launcher, repository_image
from verification.engine.aws.fargate.tasks.logstreams import Line
from verification.engine.aws.fargate.tasks.process import Command, gunicorn
from verification.engine.aws.fargate.tasks.task import RUNNING, Task
from verification.engine.errors import ToolError
from verification.engine.system.yardstick import stretched

SPEED = 20.0
# Tasks do not start faster when health checks run more often.
LEAST_GRACE = 5.0
_TICK = 0.05

log = logging.getLogger(__name__)


class Fargate:
    """Runs one service of an embedded AWS to which Terraform was applied.

    Args:
        world: the embedded AWS; the agent carries out its UpdateService and StopTask.
        cluster: the cluster's name.
        service: the service's name.
        command: makes a task's command; by default it runs the backend as its Dockerfile does.
        work: a folder for the tasks' disks.
        environ: the user's environment, of which tasks get only PATH and LANG.
        images: maps an image to a folder; by default every image is this repository.
        speed: the factor by which health checks and their grace period are faster than on AWS.
    """

    def __init__(
        self,
        world: EmbeddedAws,
        cluster: str,
        service: str,
        *,
        work: Path,
        command: Command = gunicorn,
        environ: Mapping[str, str] = os.environ,
        images: Images = repository_image,
        speed: float = SPEED,
    ) -> None:
        self._cluster, self._service = cluster, service
        self._disks, self._speed = work / "tasks", speed
        self._launcher = Launcher(world, images, command, self._disks, environ)
        self._rollouts = Rollouts(service)
        self._group = read_target_group(world, cluster, service)
        self._balancer = Balancer(
            _faster(self._group.check, speed), self._group.deregistration_delay
        )
        self._fleet = Fleet(self._launcher, self._balancer.targets, self._group, self._rollouts)
        self._link = Link(world.endpoint)
        self._definition = cache(lambda arn: read_task_definition(world, arn))
        self._ending = Event()
        self._thread = Thread(target=self._run, name=f"fargate {service}", daemon=True)
        self._seen: str | None = None
        self._trouble = ""
        self._rules = Rules(0, 100, 200, False, False, 0)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Attach to the service and start its tasks, without waiting for them."""
        self._take_orders()
        self._launcher.metadata.start()
        self._launcher.logs.start()
        self._balancer.start()
        self._thread.start()

    def stop(self) -> None:
        """Kill every task and detach; stopping again has no effect."""
        if self._ending.is_set():
            return
        self._ending.set()
        if self._thread.ident is not None:
            self._thread.join(30)
        self._balancer.stop()
        self._launcher.logs.stop()
        if self._thread.ident is not None:
            self._launcher.metadata.stop()
        self._launcher.close()
        self._link.close()
        shutil.rmtree(self._disks, ignore_errors=True)

    @property
    def base_url(self) -> str:
        """The load balancer's URL, without a trailing slash."""
        return f"http://127.0.0.1:{self._balancer.port}"

    def tasks(self) -> list[dict[str, Any]]:
        """All recorded tasks, as in DescribeTasks but with times as numbers."""
        return [self._described(task) for task in self._fleet.snapshot()]

    def pids(self) -> dict[str, int]:
        """The process id of each running task, by the task's id."""
        running = (task for task in self._fleet.snapshot() if task.status == RUNNING)
        return {task.ident: task.process.pid for task in running if task.process}

    def deployments(self) -> list[dict[str, Any]]:
        """Every deployment since the agent was attached, also those that ECS no longer lists."""
        return self._rollouts.history()

    def target_health(self) -> dict[str, str]:
        """The ELB state of each registered task, by the task's id."""
        return {target.ident: target.state for target in self._balancer.targets.all()}

    def logs(self) -> list[Line]:
        """Every log line of the tasks, oldest first."""
        return self._launcher.logs.lines()

    def printed(self, task: str) -> list[str]:
        """Every log line of a stopped task, by its ARN."""
        return self._launcher.logs.of(task.rpartition("/")[2])

    def kill(self, ident: str | None = None) -> str:
        """Kill a task's processes by SIGKILL, as the OOM killer does; by default a healthy task's.

        Raises:
            ToolError: there is no such task.
        """
        for task in self._fleet.snapshot():
            wanted = task.healthy if ident is None else task.ident == ident
            if wanted and task.process and task.status == RUNNING:
                task.process.kill()
                return task.ident
        raise ToolError(f"service {self._service} has no task {ident or 'that is healthy'} to kill")

    def _run(self) -> None:
        try:
            while not self._ending.wait(_TICK):
                try:
                    self._tick()
                except Exception as error:  # For example an injected fault; tasks must go on.
                    self._complain(error)
        finally:
            # Here, because the kernel kills the processes started by this thread when it ends.
            self._fleet.kill()
            try:
                self._fleet.step()
                self._take_orders()
                self._link.exchange(self._address() | {"detach": True})
            except ToolError as error:
                log.info("not detached: %s", error)

    def _complain(self, error: Exception) -> None:
        if repr(error) != self._trouble:
            log.warning("the ECS agent of %s: %s", self._service, error, exc_info=error)
        self._trouble = repr(error)

    def _tick(self) -> None:
        self._take_orders()
        self._fleet.step()
        primary = self._rollouts.primary
        members = self._fleet.members(primary.id, self._rules.grace)
        step = next_step(members, self._rules, primary.state)
        self._fleet.stop(step.stop, primary)
        if step.start and time.monotonic() >= primary.not_before:
            self._fleet.start(step.start, primary, self._definition(primary.revision))
        healthy = sum(m.primary and m.healthy for m in members)
        self._rollouts.judge(self._rules, healthy, self._fleet.others(primary.id))

    def _take_orders(self) -> None:
        orders = self._link.exchange(self._address() | self._report())
        self._rollouts.adopt(orders["deployments"])
        self._seen = self._rollouts.primary.id
        grace = (orders["healthCheckGracePeriodSeconds"] or 0) / self._speed
        self._rules = rules(
            orders["desiredCount"],
            orders["deploymentConfiguration"],
            stretched(max(grace, LEAST_GRACE)),
        )
        self._fleet.obey(orders["stops"])

    def _address(self) -> dict[str, Any]:
        return {"cluster": self._cluster, "service": self._service}

    def _report(self) -> dict[str, Any]:
        """The current state; `primary` is the newest deployment at that time."""
        if self._seen is None:
            return {}
        return {
            "primary": self._seen,
            "deployments": [self._deployment(made) for made in self._rollouts.listed],
            "events": list(self._rollouts.events),
            "tasks": self.tasks(),
            "targets": {self._group.arn: self._fleet.health()},
        }

    def _deployment(self, made: Deployment) -> dict[str, Any]:
        counts = self._fleet.counts(made)
        return {
            "id": made.id,
            "status": made.status,
            "taskDefinition": made.revision,
            "rolloutState": made.state,
            "rolloutStateReason": made.reason,
            "failedTasks": made.failed,
            "createdAt": made.created,
            "updatedAt": made.updated,
            "desiredCount": self._rules.desired if made is self._rollouts.primary else 0,
            **counts,
        }

    def _described(self, task: Task) -> dict[str, Any]:
        return task.describe(self._cluster, self._service)


def _faster(check: HealthCheck, speed: float) -> HealthCheck:
    """The check with a shorter interval; its timeout stays."""
    return replace(check, interval=check.interval / speed)
