"""ECS as reported by an agent outside the emulator: tasks, deployments, events, target health.

With an agent attached to a service, the agent decides how a rollout goes. UpdateService only starts
a deployment, StopTask only requests a stop, and the describing operations return the last report.
A fork has no agent: it returns the last report until an agent is attached.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.core.utils import utcnow
from moto.ecs.models import EC2ContainerServiceBackend, ecs_backends
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus
from moto.moto_api._internal import mock_random

from verification.engine.aws.emulator.moto_patches.patching import Method, wrap
from verification.engine.aws.emulator.protocol import ACCOUNT, REGION

Report = dict[str, Any]


class _Task(dict[str, Any]):
    """A task as the agent describes it, with the attribute that moto needs to list it."""

    @property
    def task_arn(self) -> str:
        return str(self["taskArn"])


@dataclass
class _Attached:
    tasks: list[_Task] = field(default_factory=list)
    targets: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    stops: dict[str, str] = field(default_factory=dict)


_ATTACHED: dict[str, _Attached] = {}


def tasks() -> None:
    """moto 5.2.5 starts no tasks for services, so it cannot list, describe or stop them.

    It also reports every registered target as healthy.
    """
    wrap(EC2ContainerServiceBackend, "list_tasks", _listing)
    wrap(EC2ContainerServiceBackend, "describe_tasks", _describing)
    wrap(EC2ContainerServiceBackend, "stop_task", _asking_to_stop)
    wrap(ELBv2Backend, "describe_target_health", _reported_health)


def attached(service: Any) -> bool:
    """Whether an agent runs the tasks of this service."""
    return service.arn in _ATTACHED


def detach() -> None:
    """Remove all agents; a fork does not run the tasks of the original."""
    _ATTACHED.clear()


def begin_deployment(service: Any) -> None:
    """Create a primary deployment for the service's current definition; the agent rolls it out."""
    ident = f"ecs-svc/{mock_random.randint(10**18, 32**12)}"
    fresh = deepcopy(service.deployments[0]) | _unstarted(ident, service.desired_count)
    fresh |= {"status": "PRIMARY", "createdAt": utcnow(), "taskDefinition": service.task_definition}
    older = [deployment | {"status": "ACTIVE"} for deployment in service.deployments]
    service.deployments = [fresh, *older]


def _unstarted(ident: str, desired: int) -> dict[str, Any]:
    return {
        "id": ident,
        "desiredCount": desired,
        "runningCount": 0,
        "pendingCount": 0,
        "failedTasks": 0,
        "rolloutState": "IN_PROGRESS",
        "rolloutStateReason": f"ECS deployment {ident} in progress.",
        "updatedAt": utcnow(),
    }


def synchronise(report: Report) -> Report:
    """Store an agent's report, and return its next orders.

    A report without `primary` attaches the agent; one with `detach` detaches it. If `primary` is no
    longer the primary deployment, the report's deployments are ignored.
    """
    backend = ecs_backends[ACCOUNT][report.get("region", REGION)]
    service = backend._get_service(report["cluster"], report["service"])
    if report.get("detach"):
        _ATTACHED.pop(service.arn, None)
        return {}
    held = _attach(service)
    held.tasks = [_Task(_dated(task)) for task in report.get("tasks", ())]
    held.targets = report.get("targets", {})
    over = {t["taskArn"].split("/")[-1] for t in held.tasks if t["lastStatus"] == "STOPPED"}
    held.stops = {task: reason for task, reason in held.stops.items() if task not in over}
    if report.get("primary") == service.deployments[0]["id"]:
        _report_deployments(service, report)
    return _orders(service, held)


def _attach(service: Any) -> _Attached:
    if service.arn not in _ATTACHED and vars(service).pop("settled", False):
        # It was marked as completed without tasks; the agent must report it now.
        primary = service.deployments[0]
        primary |= _unstarted(primary["id"], service.desired_count)
    return _ATTACHED.setdefault(service.arn, _Attached())


def _report_deployments(service: Any, report: Report) -> None:
    known = {deployment["id"]: deployment for deployment in service.deployments}
    service.deployments = [
        deepcopy(known.get(reported["id"], service.deployments[0])) | _dated(reported)
        for reported in report["deployments"]
    ]
    service.task_definition = service.deployments[0]["taskDefinition"]
    service.running_count = sum(d["runningCount"] for d in service.deployments)
    service.pending_count = sum(d["pendingCount"] for d in service.deployments)
    service.events = [_dated(event) for event in report["events"]]


def _dated(record: dict[str, Any]) -> dict[str, Any]:
    """Return the record with times (epoch seconds) as moto stores them."""
    times = {k: v for k, v in record.items() if k.endswith("At")}
    return record | {
        k: datetime.fromtimestamp(v, UTC).replace(tzinfo=None) for k, v in times.items()
    }


def _orders(service: Any, held: _Attached) -> Report:
    names = ("id", "taskDefinition", "status", "rolloutState", "rolloutStateReason")
    return {
        "desiredCount": service.desired_count if service.status == "ACTIVE" else 0,
        "deployments": [
            {name: deployment.get(name) for name in names}
            | {"createdAt": deployment["createdAt"].replace(tzinfo=UTC).timestamp()}
            for deployment in service.deployments
        ],
        "deploymentConfiguration": vars(service).get("deployment_configuration") or {},
        "healthCheckGracePeriodSeconds": vars(service).get("health_check_grace_period_seconds"),
        "stops": held.stops,
    }


def _listing(original: Method) -> Method:
    def list_tasks(
        self: Any,
        cluster_str: str | None = None,
        container_instance: str | None = None,
        family: str | None = None,
        started_by: str | None = None,
        service_name: str | None = None,
        desiredStatus: str | None = None,
    ) -> list[Any]:
        asked = (cluster_str, container_instance, family, started_by, service_name, desiredStatus)
        others = [] if service_name else original(self, *asked)
        wanted = {
            "clusterArn": self._get_cluster(cluster_str or "default").arn,
            "desiredStatus": desiredStatus or "RUNNING",
            "startedBy": started_by,
            "group": service_name and f"service:{service_name.split('/')[-1]}",
        }
        return others + [task for task in _all_tasks() if _fits(task, wanted, family)]

    return list_tasks


def _fits(task: _Task, wanted: dict[str, str | None], family: str | None) -> bool:
    of_family = family is None or f":task-definition/{family}:" in task["taskDefinitionArn"]
    return of_family and all(value in (None, task.get(name)) for name, value in wanted.items())


def _describing(original: Method) -> Method:
    def describe_tasks(self: Any, cluster_str: str, tasks: list[str]) -> list[Any]:
        asked = {task.split("/")[-1] for task in tasks}
        ours = [task for task in _all_tasks() if task.task_arn.split("/")[-1] in asked]
        return ours + list(original(self, cluster_str, tasks))

    return describe_tasks


def _asking_to_stop(original: Method) -> Method:
    def stop_task(self: Any, cluster_str: str, task_str: str, reason: str) -> Any:
        ident = task_str.split("/")[-1]
        for held in _ATTACHED.values():
            for task in held.tasks:
                if task.task_arn.endswith(f"/{ident}"):
                    held.stops.setdefault(ident, reason or "Task stopped by user")
                    return task | {"desiredStatus": "STOPPED"}
        return original(self, cluster_str, task_str, reason)

    return stop_task


def _all_tasks() -> list[_Task]:
    return [task for held in _ATTACHED.values() for task in held.tasks]


def _reported_health(original: Method) -> Method:
    def describe_target_health(self: Any, target_group_arn: str, targets: Any) -> list[Any]:
        for held in _ATTACHED.values():
            if target_group_arn in held.targets:
                return [_health(target) for target in held.targets[target_group_arn]]
        answer: list[Any] = original(self, target_group_arn, targets)
        return answer

    return describe_target_health


def _health(target: dict[str, Any]) -> FakeHealthStatus:
    port, reason = str(target["port"]), target.get("reason")
    described = target.get("description")
    return FakeHealthStatus(target["address"], port, port, target["state"], reason, described)
