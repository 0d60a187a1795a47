"""A service in the ECS API, of the embedded AWS or of an account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from verification.engine.errors import ToolError
from verification.engine.system.yardstick import Found, until

Printed = Callable[[str], Sequence[str]]
"""Returns the last log lines of a task, by its ARN."""

# gunicorn prints about five lines after the relevant one.
_MOST_DEATHS, _MOST_LINES, _LONGEST_LINE = 2, 8, 240


class DeploymentFailed(ToolError):
    """A deployment did not complete: it failed, was rolled back, was replaced, or timed out."""


class EcsService:
    """One service.

    Args:
        client: creates a boto3 client by service name.
        cluster: the cluster's name.
        service: the service's name.
        pause: seconds between two polls.
        printed: returns the last log lines of a task.
    """

    def __init__(
        self,
        client: Callable[[str], Any],
        cluster: str,
        service: str,
        pause: float,
        printed: Printed = lambda _: (),
    ) -> None:
        self._ecs, self._elb = client("ecs"), client("elbv2")
        self._cluster, self._service, self.pause = cluster, service, pause
        self._printed = printed

    def describe(self) -> dict[str, Any]:
        """The answer of DescribeServices."""
        answer = self._ecs.describe_services(cluster=self._cluster, services=[self._service])
        if not answer["services"]:
            raise ToolError(f"cluster {self._cluster} has no service {self._service}")
        described: dict[str, Any] = answer["services"][0]
        return described

    def update(self, **changes: Any) -> str:
        """Update the service; return the id of its primary deployment."""
        answer = self._ecs.update_service(cluster=self._cluster, service=self._service, **changes)
        return _primary(answer["service"])

    def running(self) -> set[str]:
        """The ARNs of tasks with the desired status RUNNING."""
        pages = self._ecs.get_paginator("list_tasks").paginate(
            cluster=self._cluster, serviceName=self._service, desiredStatus="RUNNING"
        )
        return {arn for page in pages for arn in page["taskArns"]}

    def died(self, since: datetime) -> list[str]:
        """Why tasks stopped since then, except for those stopped by a user or a deployment.

        ECS's reason is often only that a container exited, so the last task of each reason is
        reported with its last log lines.
        """
        dead = [task for task in self._dead() if task.get("stoppedAt", since) > since]
        last = {_reason(task): task for task in dead}
        return [
            self._end_of(task) if last[_reason(task)] is task else _reason(task) for task in dead
        ]

    def deaths(self) -> list[str]:
        """The last reasons why tasks stopped unexpectedly, without duplicates."""
        last = {_reason(task): task for task in self._dead()}
        return [
            f"a task stopped: {self._end_of(task)}" for task in list(last.values())[-_MOST_DEATHS:]
        ]

    def _dead(self) -> list[dict[str, Any]]:
        """The tasks that stopped unexpectedly, oldest first."""
        listed = self._ecs.list_tasks(
            cluster=self._cluster, serviceName=self._service, desiredStatus="STOPPED"
        )["taskArns"]
        if not listed:
            return []
        told = self._ecs.describe_tasks(cluster=self._cluster, tasks=listed)["tasks"]
        dead = [task for task in told if not _ordered(task)]
        return sorted(dead, key=lambda task: str(task.get("stoppedAt", "")))

    def _end_of(self, task: dict[str, Any]) -> str:
        printed = [line.strip() for line in self._printed(task["taskArn"])]
        lines = [line[:_LONGEST_LINE] for line in printed if line][-_MOST_LINES:]
        return _reason(task) + (f"; its last output: {' | '.join(lines)}" if lines else "")

    def targets(self) -> list[str]:
        """The ELB state of each target of the load balancer."""
        group = self.describe()["loadBalancers"][0]["targetGroupArn"]
        answer = self._elb.describe_target_health(TargetGroupArn=group)
        return [target["TargetHealth"]["State"] for target in answer["TargetHealthDescriptions"]]

    def stop_task(self, task: str, reason: str) -> None:
        """Call StopTask."""
        self._ecs.stop_task(cluster=self._cluster, task=task, reason=reason)

    def wait_steady(self, timeout: float) -> None:
        """Wait until there is one completed deployment with all its tasks running and healthy.

        Raises:
            ToolError: on a timeout.
        """
        self._wait(timeout, "reach a steady state", self._steady)

    def wait_stopped(self, task: str, timeout: float) -> None:
        """Wait until ECS no longer lists a task as running.

        Raises:
            ToolError: on a timeout.
        """
        self._wait(timeout, f"stop {task}", lambda: task not in self.running())

    def wait_completed(self, deployment: str, timeout: float) -> None:
        """Wait until exactly this deployment has completed.

        Raises:
            DeploymentFailed: it failed, or was replaced.
        """
        try:
            state = self._wait(timeout, "complete its deployment", lambda: self._end(deployment))
        except ToolError as error:
            raise DeploymentFailed(str(error)) from error
        if state != "COMPLETED":
            ended = f"deployment {deployment} of {self._service}: {state}"
            raise DeploymentFailed("; ".join([ended, *self.deaths()]))

    def redeploy(self, timeout: float) -> str:
        """Deploy the same revision again; return the deployment's id when tasks are replaced."""
        before = self.running()
        deployment = self.update(forceNewDeployment=True)
        self.wait_completed(deployment, timeout)
        if kept := before & self.running():
            raise DeploymentFailed(f"deployment {deployment} did not replace {sorted(kept)}")
        return deployment

    def _steady(self) -> bool:
        service = self.describe()
        states = [deployment.get("rolloutState") for deployment in service["deployments"]]
        desired = service["desiredCount"]
        counted = (service["runningCount"], service["pendingCount"]) == (desired, 0)
        return states == ["COMPLETED"] and counted and self.targets().count("healthy") == desired

    def _end(self, deployment: str) -> str | None:
        service = self.describe()
        known = {made["id"]: made for made in service["deployments"]}
        mine = known.get(deployment, {})
        reason = mine.get("rolloutStateReason", "no longer listed")
        if _primary(service) != deployment:
            return f"no longer the primary deployment ({reason})"
        state: str = mine["rolloutState"]
        return {"IN_PROGRESS": None, "COMPLETED": state}.get(state, f"{state} ({reason})")

    def _wait(self, timeout: float, what: str, look: Callable[[], Found | None]) -> Found:
        if found := until(look, timeout, self.pause):
            return found
        raise ToolError(f"{self._service} did not {what} within {timeout:g} s: {self._told()}")

    def _told(self) -> str:
        service = self.describe()
        counts = f"{service['runningCount']} of {service['desiredCount']} tasks run"
        last = [event["message"] for event in service.get("events", [])[:3]]
        return "; ".join([counts, *last, *self.deaths()])


def _reason(task: dict[str, Any]) -> str:
    codes = [c["exitCode"] for c in task.get("containers", []) if c.get("exitCode") is not None]
    reason = str(task.get("stoppedReason", "without a reason from ECS"))
    return f"{reason} (exit code {codes[0]})" if codes else reason


def _ordered(task: dict[str, Any]) -> bool:
    by_deployment = str(task.get("stoppedReason", "")).startswith("Scaling activity initiated by")
    return by_deployment or task.get("stopCode") == "UserInitiated"


def _primary(service: dict[str, Any]) -> str:
    ids = [made["id"] for made in service["deployments"] if made["status"] == "PRIMARY"]
    return str(ids[0]) if ids else ""
