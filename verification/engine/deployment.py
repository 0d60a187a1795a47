"""The application as deployed: what the smoke rung drives, whichever AWS is behind it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any, Protocol

from verification.engine.ecs_service import EcsService
from verification.engine.embedded_aws import EmbeddedAws
from verification.engine.errors import ToolError
from verification.engine.fargate import Fargate
from verification.engine.session import Session, Tokens

_PAUSE = 0.1


class Deployment(Protocol):
    """What a smoke test may ask for; the same on the embedded and on the real AWS."""

    @property
    def base_url(self) -> str:
        """Where the application answers, without a slash at the end."""

    def visitor(self) -> Session:
        """A session without a user."""

    def user(self, name: str) -> Session:
        """A session of a new user, who is signed in."""

    def kill_task(self) -> str:
        """End one task from outside; return its ARN when ECS knows."""

    def scale(self, tasks: int, timeout: float = 60) -> None:
        """Want so many tasks, and wait until they take requests."""

    def force_redeploy(self, timeout: float = 60) -> str:
        """Replace every task; return the new deployment's id when it has completed."""

    def wait_steady(self, timeout: float = 60) -> None:
        """Wait until every wanted task takes requests."""

    def logs(self) -> list[str]:
        """Every line that tasks printed."""

    def close(self) -> None:
        """Close all sessions and remove their users."""


class EmbeddedDeployment:
    """A deployment on the embedded AWS, with tasks run by `Fargate`.

    Args:
        world: the AWS.
        fargate: the started agent of the service.
        outputs: Terraform's: cluster_name, service_name, user_pool_id, user_pool_client_id.
    """

    def __init__(self, world: EmbeddedAws, fargate: Fargate, outputs: Mapping[str, Any]) -> None:
        self.world, self.fargate = world, fargate
        self._pool, self._client = outputs["user_pool_id"], outputs["user_pool_client_id"]
        self.service = EcsService(
            world.client, outputs["cluster_name"], outputs["service_name"], _PAUSE
        )
        self._users: list[str] = []
        self._sessions: list[Session] = []

    @property
    def base_url(self) -> str:
        """Where the load balancer answers."""
        return self.fargate.base_url

    def visitor(self) -> Session:
        """A session without a user."""
        return self._session()

    def user(self, name: str) -> Session:
        """Create a user of the pool, who did not exist before, and sign in as them."""
        cognito = self.world.client("cognito-idp")
        email = f"{name}-{secrets.token_hex(4)}@example.com"
        password = f"Aa1!{secrets.token_urlsafe(18)}"
        pool = {"UserPoolId": self._pool, "Username": email}
        attributes = [
            {"Name": "email", "Value": email},
            {"Name": "email_verified", "Value": "true"},
        ]
        made = cognito.admin_create_user(
            **pool, UserAttributes=attributes, MessageAction="SUPPRESS"
        )
        self._users.append(email)
        cognito.admin_set_user_password(**pool, Password=password, Permanent=True)
        tokens = self._sign_in(email, password)
        found = {a["Name"]: a["Value"] for a in made["User"]["Attributes"]}
        return self._session(tokens, found["sub"], email, password)

    def _session(self, *user: Any) -> Session:
        self._sessions.append(Session(self.base_url, *user))
        return self._sessions[-1]

    def _sign_in(self, email: str, password: str) -> Tokens:
        # The emulator allows this flow to every client; AWS only where the client names it.
        answer = self.world.client("cognito-idp").initiate_auth(
            ClientId=self._client,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": password},
        )
        result = answer["AuthenticationResult"]
        return Tokens(result["IdToken"], result["AccessToken"])

    def close(self) -> None:
        """Close all sessions and remove their users."""
        for session in self._sessions:
            session.close()
        cognito = self.world.client("cognito-idp")
        while self._users:
            cognito.admin_delete_user(UserPoolId=self._pool, Username=self._users.pop())

    def kill_task(self) -> str:
        """End a healthy task by SIGKILL; return its ARN when ECS lists it no longer."""
        ident = self.fargate.kill()
        killed: str = next(
            t["taskArn"] for t in self.fargate.tasks() if t["taskArn"].endswith(ident)
        )
        deadline = time.monotonic() + 10
        while killed in self.service.running():
            if time.monotonic() > deadline:
                raise ToolError(f"{killed} was killed but ECS does not show it as stopped")
            time.sleep(_PAUSE)
        return killed

    def scale(self, tasks: int, timeout: float = 60) -> None:
        """Want so many tasks, and wait until they take requests."""
        self.service.update(desiredCount=tasks)
        self.service.wait_steady(timeout)

    def force_redeploy(self, timeout: float = 60) -> str:
        """Replace every task; DeploymentFailed when the new deployment does not complete."""
        deployment: str = self.service.redeploy(timeout)
        return deployment

    def wait_steady(self, timeout: float = 60) -> None:
        """Wait until every wanted task takes requests; ToolError if that takes too long."""
        self.service.wait_steady(timeout)

    def logs(self) -> list[str]:
        """Every line that tasks printed, the oldest first."""
        return [line.text for line in self.fargate.logs()]
