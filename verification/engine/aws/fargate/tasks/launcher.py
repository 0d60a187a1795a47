"""Starting a task: image, variables, log stream, process."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from botocore.exceptions import ClientError

from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.aws.fargate.definitions import TaskDefinition
from verification.engine.aws.fargate.tasks.execution_role import ExecutionRoles, told
from verification.engine.aws.fargate.tasks.logstreams import LogStreams, Stream
from verification.engine.aws.fargate.tasks.metadata import Metadata
from verification.engine.aws.fargate.tasks.process import IMAGE, Command, TaskProcess
from verification.engine.aws.fargate.tasks.task import StartFailure, Task

Images = Mapping[str, Path] | Callable[[str], Path]
"""Maps an image URI to its folder (LookupError: no such image)."""

REPOSITORY = Path(__file__).resolve().parents[5]
NO_IMAGE = "bootstrap"

_TASKS = "ecs-tasks.amazonaws.com"
_TAG = re.compile(r":([^:/@]+)$")
# The machine's variables that a task's programs need to run.
_PASSED = ("PATH", "LANG", "LD_LIBRARY_PATH")
# Fargate sets no keys and, here, no region, to find revisions without AWS_REGION.
_NOT_FROM_SEAL = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION")


def images_of(repository: Path) -> Callable[[str], Path]:
    """Every image is one repository, except for Terraform's placeholder image."""

    def image(uri: str) -> Path:
        if tag_of(uri) == NO_IMAGE:
            raise LookupError(uri)
        return repository

    return image


repository_image = images_of(REPOSITORY)


def tag_of(uri: str) -> str:
    """The tag of an image's URI."""
    found = _TAG.search(uri)
    return found[1] if found else "latest"


class Launcher:
    """Starts the tasks of one agent; see `Fargate` for the arguments."""

    def __init__(
        self,
        world: EmbeddedAws,
        images: Images,
        command: Command,
        work: Path,
        environ: Mapping[str, str],
    ) -> None:
        self._world = world
        self._images = images
        self._command = command
        self._work = work
        self._passed = {name: environ[name] for name in _PASSED if name in environ}
        self._roles = ExecutionRoles(world, self._assume)
        self.logs = LogStreams(lambda definition: self._roles.client(definition, "logs"))
        self.metadata = Metadata(self._assume)

    def close(self) -> None:
        """Close the clients of the execution roles."""
        self._roles.close()

    def __call__(self, task: Task) -> TaskProcess:
        """Start the task's process.

        Raises:
            StartFailure: with ECS's wording.
        """
        definition = task.definition
        for role in filter(None, (definition.execution_role, definition.role)):
            self._check_trust(role)
        self._roles.sign_in(definition)
        secrets = self._roles.secrets(definition)
        source = self._pull(definition)
        variables = self._variables(task, source, secrets)
        stream = self._stream(definition, task.ident)
        command = self._command(source, task.port)
        process = TaskProcess(command, variables, self._work / task.ident)
        stream.read(process.output)
        return process

    def _check_trust(self, role: str) -> None:
        """Reject a role that ECS could not assume; conditions of its trust policy are ignored."""
        try:
            found = self._world.client("iam").get_role(RoleName=role.rsplit("/", 1)[-1])
            statements = found["Role"]["AssumeRolePolicyDocument"].get("Statement", [])
        except ClientError:
            statements = []
        trusted = (s["Principal"] for s in statements if s["Effect"] == "Allow")
        if not any(_TASKS in str(principal) for principal in trusted):
            raise StartFailure(
                f"ECS was unable to assume the role '{role}' that was provided for this task. "
                "Please verify that the role being passed has the proper trust relationship and "
                "permissions and that your IAM user has permissions to pass this role."
            )

    def _pull(self, definition: TaskDefinition) -> Path:
        self._roles.pull(definition)
        uri = definition.image
        try:
            images = self._images
            folder = images(uri) if callable(images) else images[tag_of(uri)]
        except LookupError:
            folder = Path("/nonexistent")
        if not (folder / "backend").is_dir():
            raise StartFailure(
                "CannotPullContainerError: pull image manifest has been retried 1 time(s): "
                f"failed to resolve ref {uri}: {uri}: not found"
            )
        return folder.resolve()

    def _variables(self, task: Task, source: Path, secrets: Mapping[str, str]) -> dict[str, str]:
        """Variables of image, task definition, Fargate and isolation; later ones win."""
        seal = {
            name: value
            for name, value in self._world.environment().items()
            if name not in _NOT_FROM_SEAL
        }
        described = {"TaskARN": task.ident, "Family": task.definition.family}
        return {
            **IMAGE,
            **self._passed,
            **task.definition.environment,
            **secrets,
            **self.metadata.admit(task.ident, task.definition.role, described),
            **seal,
            "PYTHONPATH": str(source),
            "PORT": str(task.port),
        }

    def _stream(self, definition: TaskDefinition, ident: str) -> Stream:
        try:
            return self.logs.open(definition, ident)
        except ClientError as error:
            raise StartFailure(
                "ResourceInitializationError: failed to validate logger args: create stream has "
                f"been retried 1 times: failed to create Cloudwatch log stream: {told(error)}"
            ) from error

    def _assume(self, role: str, session: str) -> dict[str, object]:
        sts = self._world.client("sts")
        answer = sts.assume_role(RoleArn=role, RoleSessionName=session)
        credentials: dict[str, object] = answer["Credentials"]
        return credentials
