"""A clock that only moves by waiting, and an ECS whose rollouts go as a test says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from backend.deployment.rollout import Patience

PROJECT = "file-sharing-app"
CLUSTER = f"{PROJECT}-dev"
SERVICE = f"{CLUSTER}-backend"
PATH = "/fileshare/dev/"
NEW = "repository:new"
TERRAFORMS = {
    "AWS_REGION": "us-east-1",
    "COGNITO_CLIENT_ID": "client",
    "COGNITO_USER_POOL_ID": "us-east-1_pool",
    "ENVIRONMENT": "dev",
    "LOG_LEVEL": "INFO",
    "PORT": "5000",
    "PUBLIC_URL": "http://app-dev.elb.amazonaws.com",
    "UPLOADS_BUCKET_NAME": "uploads",
}
PARAMETERS = {
    "dynamodb_policy_arn": "arn:aws:iam::123456789012:policy/x",
    "dynamodb_urls_table_arn": "arn:aws:dynamodb:us-east-1:123456789012:table/urls",
    "dynamodb_urls_table_name": "the-urls",
    "dynamodb_users_table_arn": "arn:aws:dynamodb:us-east-1:123456789012:table/users",
    "dynamodb_users_table_name": "the-users",
    "use_dynamodb": "true",
}
Deployment = dict[str, Any]
COMPLETED: list[Deployment] = [
    {"id": "new", "status": "PRIMARY", "rolloutState": "COMPLETED", "runningCount": 1}
]


def deployment(id_: str, status: str = "PRIMARY", **more: Any) -> Deployment:
    """A deployment as ECS lists it; it is in progress unless `rolloutState` says otherwise."""
    return {"id": id_, "status": status, "rolloutState": "IN_PROGRESS"} | more


@dataclass
class Clock:
    """Time that passes only where somebody waits."""

    now: float = 1000.0
    lines: list[str] = field(default_factory=list)

    def patience(self, timeout: float = 900) -> Patience:
        """Patience that waits by this clock, and says things to `lines`."""
        return Patience(timeout, self.lines.append, lambda: self.now, self.sleep)

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.now += seconds


class ScriptedEcs:
    """ECS whose answers about the service come from a script once it was updated.

    Each entry of the script is the list of deployments of one answer; the last one stays. All
    other operations are those of `client`.
    """

    def __init__(self, client: Any, script: Sequence[Sequence[Deployment]]) -> None:
        self._client = client
        self._script = list(script)
        self._last: dict[str, Any] = {}
        self.updates: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.stopped: list[dict[str, Any]] = []

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        called: Callable[..., Any] = getattr(self._client, operation)
        return called

    def update_service(self, **parameters: Any) -> dict[str, Any]:
        """Accept the update as deployment `new`."""
        self._last = self.describe_services(
            cluster=parameters["cluster"], services=[parameters["service"]]
        )["services"][0]
        self.updates.append(parameters)
        return {"service": self._last | {"deployments": [deployment("new")]}}

    def describe_services(self, **parameters: Any) -> dict[str, Any]:
        """The real service before an update, the script after it."""
        if not self.updates:
            return dict(self._client.describe_services(**parameters))
        now = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        return {"services": [self._last | {"deployments": now, "events": self.events}]}

    def list_tasks(self, **_: Any) -> dict[str, Any]:
        """The stopped tasks."""
        return {"taskArns": [task["taskArn"] for task in self.stopped]}

    def describe_tasks(self, **_: Any) -> dict[str, Any]:
        """The stopped tasks, of the revision that was deployed last."""
        revision = self.updates[-1]["taskDefinition"]
        return {"tasks": [{"taskDefinitionArn": revision} | task for task in self.stopped]}


def terraforms_revision(image: str, **environment: str) -> dict[str, Any]:
    """A revision as Terraform registers it, with variables on top of Terraform's usual ones."""
    pairs = [{"name": n, "value": v} for n, v in (TERRAFORMS | environment).items()]
    sidecar = {"name": "sidecar", "image": "sidecar:1", "memory": 64}
    backend = {"name": "backend", "image": image, "memory": 512, "environment": pairs}
    return {"family": SERVICE, "containerDefinitions": [sidecar, backend], "cpu": "256"}
