"""What ECS does as a task's execution role: it fetches secrets and image, and writes the log.

Amazon ECS Developer Guide, "Amazon ECS task execution IAM role" and "Stopped tasks error messages":
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from botocore.exceptions import ClientError

from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.aws.fargate.definitions import TaskDefinition
from verification.engine.aws.fargate.tasks.task import StartFailure
from verification.engine.errors import ToolError

Assume = Callable[[str, str], dict[str, Any]]
"""Returns STS credentials for a role's ARN and a session name."""

RENEW = timedelta(minutes=5)
"""Credentials are renewed when they are valid for less than this."""

_SESSION = "embedded-ecs-agent"
_AT_ONCE = 10  # the maximum of GetParameters
_ECR = re.compile(r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/([^:@]+)(?:[:@](.+))?")
# The embedded AWS holds no layers: any digest will do.
_LAYER = "sha256:" + "0" * 64
_RETRIEVAL = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
    "retrieval failed: unable to retrieve "
)
_RETRIED = "service call has been retried 1 time(s): "


class ExecutionRoles:
    """Clients of ECS with the credentials of execution roles: one session for each role."""

    def __init__(self, world: EmbeddedAws, assume: Assume) -> None:
        self._world, self._assume = world, assume
        self._sessions: dict[str, Mapping[str, Any]] = {}
        self._clients: dict[tuple[str, str], Any] = {}
        # The log streams use clients in a thread of their own.
        self._making = Lock()

    def client(self, definition: TaskDefinition, service: str) -> Any:
        """A boto3 client of a task's execution role; StartFailure if it has no such role."""
        role = definition.execution_role
        if role is None:
            raise StartFailure(
                "Fargate requires task definition to have execution role ARN to support "
                "ECR images, secrets and log driver awslogs."
            )
        with self._making:
            session = self._sessions.get(role)
            if session is None or session["Expiration"] - datetime.now(UTC) < RENEW:
                session = self._sessions[role] = self._assume(role, _SESSION)
            key = (session["AccessKeyId"], service)
            if key not in self._clients:
                self._clients[key] = self._world.client_of(session, service)
            return self._clients[key]

    def close(self) -> None:
        """Close all clients."""
        for client in self._clients.values():
            client.close()

    def sign_in(self, definition: TaskDefinition) -> None:
        """Get the registry's credentials; an image that is not in ECR needs none."""
        if _ECR.match(definition.image):
            with _refused(f"{_RETRIEVAL}ecr registry auth: {_RETRIED}"):
                self.client(definition, "ecr").get_authorization_token()

    def pull(self, definition: TaskDefinition) -> None:
        """Ask ECR for manifest and layers, as its registry does for each pull.

        Amazon ECR User Guide, "Amazon ECR managed policies and private image pulls"; whether the
        image is there is not for the embedded AWS to say, which holds none.
        """
        found = _ECR.fullmatch(definition.image)
        if found is None:
            return
        repository, tag = {"repositoryName": found[1]}, found[2] or "latest"
        kind = "imageDigest" if tag.startswith("sha256:") else "imageTag"
        ecr, uri = self.client(definition, "ecr"), definition.image
        with _refused(
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): "
            f"failed to resolve ref {uri}: "
        ):
            ecr.batch_get_image(**repository, imageIds=[{kind: tag}])
            ecr.batch_check_layer_availability(**repository, layerDigests=[_LAYER])
            ecr.get_download_url_for_layer(**repository, layerDigest=_LAYER)

    def secrets(self, definition: TaskDefinition) -> dict[str, str]:
        """The values of a definition's secrets, by variable."""
        sources = {name: parameter_of(source) for name, source in definition.secrets.items()}
        wanted, values = sorted(set(sources.values())), dict[str, str]()
        for start in range(0, len(wanted), _AT_ONCE):
            with _refused(f"{_RETRIEVAL}secrets from ssm: {_RETRIED}"):
                answer = self.client(definition, "ssm").get_parameters(
                    Names=wanted[start : start + _AT_ONCE], WithDecryption=True
                )
            if absent := answer["InvalidParameters"]:
                raise StartFailure(
                    f"{_RETRIEVAL}secrets from ssm: invalid parameters: {', '.join(absent)}"
                )
            values |= {found["Name"]: found["Value"] for found in answer["Parameters"]}
        return {name: values[source] for name, source in sources.items()}


def told(error: ClientError) -> str:
    """An error of AWS, as ECS quotes it."""
    answer = error.response["Error"]
    return f"{answer['Code']}: {answer['Message']}"


def parameter_of(source: str) -> str:
    """The name of a parameter of this account and region, from a secret's `valueFrom`."""
    if source.startswith("arn:") and ":parameter/" not in source:
        raise ToolError(f"the embedded ECS agent reads secrets from SSM only, not {source}")
    return re.sub(r"^.*:parameter(?:/(?=[^/]+$))?", "", source)


@contextmanager
def _refused(reason: str) -> Iterator[None]:
    """Convert an error of AWS to ECS's stopped reason, which quotes it."""
    try:
        yield
    except ClientError as error:
        raise StartFailure(reason + told(error)) from error
