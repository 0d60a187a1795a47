"""The deployed application, on the embedded AWS or in an account."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.aws.fargate import Fargate
from verification.engine.smoke.ecs_service import EcsService
from verification.engine.smoke.http_session import Session
from verification.engine.smoke.users import User, create_user, sign_in
from verification.model.smoke.load import TableUse

# Seconds. A deployment takes about ten; this timeout is reached only by a hang.
_PAUSE, _PATIENCE = 0.1, 180.0
_THROTTLED = frozenset(
    {
        "ThrottlingException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "Throttling",
    }
)


class Deployment(Protocol):
    """What scenarios may do with a deployment on any target."""

    @property
    def base_url(self) -> str:
        """The application's URL, without a trailing slash."""

    @property
    def service(self) -> EcsService:
        """The ECS service."""

    def visitor(self) -> Session:
        """A session without a user."""

    def user(self, name: str) -> Session:
        """A session of a new, signed-in user."""

    def kill_task(self) -> str:
        """End one task from outside; return its ARN when ECS no longer lists it as running."""

    def scale(self, tasks: int) -> None:
        """Set the desired count, and wait until the tasks are healthy."""

    def force_redeploy(self) -> str:
        """Replace every task; return the new deployment's id when it has completed."""

    def wait_steady(self) -> None:
        """Wait until every desired task is healthy."""

    def logs(self) -> list[str]:
        """Every log line of the tasks."""

    def table_use(self, since: datetime) -> tuple[TableUse, ...]:
        """The use of each table since then."""

    def close(self) -> None:
        """Close all sessions and remove their users."""


class ServiceDeployment(ABC):
    """The common part of deployments: sessions, and calls of ECS.

    Args:
        client: creates a boto3 client by service name.
        outputs: Terraform's: cluster_name, service_name, user_pool_id, user_pool_client_id.
        pause: seconds between two polls of ECS.
        patience: seconds to wait for tasks; see `until`.
    """

    def __init__(
        self,
        client: Callable[[str], Any],
        outputs: Mapping[str, Any],
        pause: float,
        patience: float,
    ) -> None:
        self.client, self.outputs, self.patience = client, outputs, patience
        cluster, service = outputs["cluster_name"], outputs["service_name"]
        self.service = EcsService(client, cluster, service, pause, self.printed)
        self.sessions: list[Session] = []

    @property
    @abstractmethod
    def base_url(self) -> str:
        """The application's URL, without a trailing slash."""

    @abstractmethod
    def printed(self, task: str) -> list[str]:
        """The last log lines of a stopped task, by its ARN."""

    def visitor(self) -> Session:
        """A session without a user."""
        return self._open(Session(self.base_url))

    def session(self, user: User) -> Session:
        """A session of a user, signed in as by the page."""
        pool, web = self.outputs["user_pool_id"], self.outputs["user_pool_client_id"]
        tokens = sign_in(self.client("cognito-idp"), pool, web, user)
        return self._open(Session(self.base_url, tokens, user.id, user.email, user.password))

    def scale(self, tasks: int) -> None:
        """Set the desired count, and wait until the tasks are healthy."""
        self.service.update(desiredCount=tasks)
        self.service.wait_steady(self.patience)

    def force_redeploy(self) -> str:
        """Replace every task; DeploymentFailed when the new deployment does not complete."""
        return self.service.redeploy(self.patience)

    def wait_steady(self) -> None:
        """Wait until every desired task is healthy; ToolError on a timeout."""
        self.service.wait_steady(self.patience)

    def _open(self, session: Session) -> Session:
        self.sessions.append(session)
        return session


class EmbeddedDeployment(ServiceDeployment):
    """A deployment on the embedded AWS, with tasks run by `Fargate`.

    Args:
        world: the embedded AWS.
        fargate: the started agent of the service.
        outputs: see `ServiceDeployment`.
    """

    def __init__(self, world: EmbeddedAws, fargate: Fargate, outputs: Mapping[str, Any]) -> None:
        super().__init__(world.client, outputs, _PAUSE, _PATIENCE)
        self.world, self.fargate = world, fargate
        self._users: list[str] = []

    @property
    def base_url(self) -> str:
        """The load balancer's URL."""
        return self.fargate.base_url

    def user(self, name: str) -> Session:
        """Create a user of the pool, and sign in."""
        email = f"{name}-{secrets.token_hex(4)}@example.com"
        cognito, pool = self.client("cognito-idp"), self.outputs["user_pool_id"]
        user = create_user(cognito, pool, email)
        self._users.append(email)
        return self.session(user)

    def close(self) -> None:
        """Close all sessions and remove their users."""
        for session in self.sessions:
            session.close()
        cognito, pool = self.client("cognito-idp"), self.outputs["user_pool_id"]
        while self._users:
            cognito.admin_delete_user(UserPoolId=pool, Username=self._users.pop())

    def kill_task(self) -> str:
        """Kill a healthy task by SIGKILL; return its ARN when ECS no longer lists it."""
        ident = self.fargate.kill()
        killed: str = next(
            t["taskArn"] for t in self.fargate.tasks() if t["taskArn"].endswith(ident)
        )
        self.service.wait_stopped(killed, self.patience)
        return killed

    def logs(self) -> list[str]:
        """Every log line of the tasks, oldest first."""
        return [line.text for line in self.fargate.logs()]

    def printed(self, task: str) -> list[str]:
        """Every log line of a stopped task."""
        return self.fargate.printed(task)

    def table_use(self, since: datetime) -> tuple[TableUse, ...]:
        """The use of each table since then, by the call log."""
        used, throttled, failed = Counter[str](), Counter[str](), Counter[str]()
        for call in self.world.calls():
            if call.service != "dynamodb" or call.time < since.timestamp():
                continue
            for resource in call.resources:
                name = resource.rpartition("table/")[2].partition("/")[0]
                used[name] += 1
                throttled[name] += call.error in _THROTTLED
                failed[name] += call.status >= 500
        return tuple(
            TableUse(name, used[name], "calls", throttled[name], failed[name])
            for name in sorted(used)
        )
