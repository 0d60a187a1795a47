"""The service, target group and task definition, as far as the agent needs them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from verification.engine.errors import ToolError


@dataclass(frozen=True)
class HealthCheck:
    """A target group's health check; times in seconds."""

    path: str
    matcher: str
    interval: float
    timeout: float
    healthy: int
    unhealthy: int

    def accepts(self, status: int) -> bool:
        """Whether the matcher, such as `200,302` or `200-299`, contains this status."""
        for part in self.matcher.split(","):
            low, _, high = part.strip().partition("-")
            if int(low) <= status <= int(high or low):
                return True
        return False


@dataclass(frozen=True)
class TargetGroup:
    """The target group of a service."""

    arn: str
    check: HealthCheck
    deregistration_delay: float

    @property
    def name(self) -> str:
        """Its name in service events."""
        return f"target-group {self.arn}"


@dataclass(frozen=True)
class TaskDefinition:
    """One revision, as far as its only container needs it; `role` is the task role."""

    arn: str
    container: str
    image: str
    environment: Mapping[str, str]
    secrets: Mapping[str, str]
    role: str | None
    execution_role: str | None
    stop_timeout: float
    log_options: Mapping[str, str]
    family: str
    revision: int


@dataclass(frozen=True)
class Rules:
    """The limits of the task count, and the circuit breaker's settings."""

    desired: int
    minimum_percent: int
    maximum_percent: int
    breaker: bool
    rollback: bool
    grace: float

    @property
    def floor(self) -> int:
        """The minimum number of healthy tasks during a deployment."""
        return ceil(self.desired * self.minimum_percent / 100)

    @property
    def ceiling(self) -> int:
        """The maximum number of running tasks during a deployment."""
        return self.desired * self.maximum_percent // 100

    @property
    def threshold(self) -> int:
        """The number of failed tasks in a row that fails a deployment, within AWS's bounds.

        Amazon ECS Developer Guide, "How the Amazon ECS deployment circuit breaker detects
        failures":
        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
        """
        return min(max(3, ceil(self.desired / 2)), 200)


def rules(desired: int, configuration: Mapping[str, Any], grace: float) -> Rules:
    """Read a service's deployment configuration, with ECS's defaults."""
    breaker = configuration.get("deploymentCircuitBreaker") or {}
    return Rules(
        desired=desired,
        minimum_percent=configuration.get("minimumHealthyPercent", 100),
        maximum_percent=configuration.get("maximumPercent", 200),
        breaker=bool(breaker.get("enable")),
        rollback=bool(breaker.get("rollback")),
        grace=grace,
    )


def read_target_group(world: Any, cluster: str, service: str) -> TargetGroup:
    """Read the target group of a service.

    Raises:
        ToolError: there is no such service, or it does not have exactly one target group.
    """
    answer = world.client("ecs").describe_services(cluster=cluster, services=[service])
    if not answer["services"]:
        raise ToolError(f"cluster {cluster} has no service {service}: apply Terraform first")
    groups = [b["targetGroupArn"] for b in answer["services"][0].get("loadBalancers", [])]
    if len(groups) != 1:
        raise ToolError(f"service {service} has {len(groups)}  target groups; expected one")
    elb = world.client("elbv2")
    group = elb.describe_target_groups(TargetGroupArns=groups)["TargetGroups"][0]
    attributes = elb.describe_target_group_attributes(TargetGroupArn=groups[0])["Attributes"]
    return TargetGroup(groups[0], _check(group), _delay(attributes))


def _check(group: Mapping[str, Any]) -> HealthCheck:
    return HealthCheck(
        path=group.get("HealthCheckPath", "/"),
        matcher=str(group.get("Matcher", {}).get("HttpCode", "200")),
        interval=float(group.get("HealthCheckIntervalSeconds", 30)),
        timeout=float(group.get("HealthCheckTimeoutSeconds", 5)),
        healthy=int(group.get("HealthyThresholdCount", 5)),
        unhealthy=int(group.get("UnhealthyThresholdCount", 2)),
    )


def _delay(attributes: Iterable[Mapping[str, str]]) -> float:
    held = {attribute["Key"]: attribute["Value"] for attribute in attributes}
    return float(held.get("deregistration_delay.timeout_seconds", 300))


def read_task_definition(world: Any, arn: str) -> TaskDefinition:
    """Read one revision of a task definition.

    Raises:
        ToolError: it does not have exactly one container, or its log driver is not awslogs.
    """
    held = world.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
    if len(held["containerDefinitions"]) != 1:
        raise ToolError(f"{arn} has {len(held['containerDefinitions'])}  containers; expected one")
    container = held["containerDefinitions"][0]
    logs = container.get("logConfiguration") or {"logDriver": "awslogs"}
    if logs["logDriver"] != "awslogs":
        raise ToolError(f"{arn} has the log driver {logs['logDriver']}; expected awslogs")
    return TaskDefinition(
        arn=held["taskDefinitionArn"],
        container=container["name"],
        image=container["image"],
        environment={pair["name"]: pair["value"] for pair in container.get("environment", [])},
        secrets={pair["name"]: pair["valueFrom"] for pair in container.get("secrets", [])},
        role=held.get("taskRoleArn"),
        execution_role=held.get("executionRoleArn"),
        stop_timeout=float(container.get("stopTimeout", 30)),
        log_options=logs.get("options", {}),
        family=held["family"],
        revision=held["revision"],
    )
