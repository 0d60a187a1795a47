"""A deployed backend: where a smoke scenario acts."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.aws.fargate import Fargate, Images, repository_image
from verification.engine.smoke.deployment import Deployment, EmbeddedDeployment
from verification.engine.smoke.http_session import UnexpectedAnswer
from verification.engine.smoke.slow_calls import demand_speed
from verification.engine.system.processes import Completed, Processes
from verification.engine.system.yardstick import stretched
from verification.engine.terraform.cli import REPOSITORY

# backend.deploy's documented exit codes: all are results here, for a scenario to judge.
_CODES = frozenset(range(6))
# Seconds that backend.deploy may take beside its own timeout.
_GIVING_UP = 300.0
FIRST_IMAGE = "registry.invalid/fileshare:first"
"""An image that is this repository's backend; the embedded agent pulls nothing."""
SECOND_IMAGE = "registry.invalid/fileshare:second"
"""Another one, which is the same."""


@dataclass(frozen=True)
class RollOut:
    """How a rolling deployment went: 0 if it completed, its last words, the image it was for."""

    code: int
    said: str
    image: str


class Stage(Protocol):
    """What a scenario may do with a deployed backend, whichever AWS is behind it."""

    @property
    def deployment(self) -> Deployment:
        """The application, its users and its tasks."""

    @property
    def outputs(self) -> Mapping[str, Any]:
        """Terraform's outputs, by name."""

    @property
    def folder(self) -> Path:
        """A folder of the stage's own."""

    @property
    def began(self) -> datetime:
        """When all that happens here began."""

    @property
    def watch(self) -> float:
        """So many seconds a service has to be left alone to be called stable."""

    @property
    def sealed(self) -> bool:
        """Whether children may reach nothing but this machine."""

    def client(self, service: str) -> Any:
        """A boto3 client of an operator."""

    def roll_out(self) -> RollOut:
        """Replace every task by a rolling deployment, and tell how that went."""

    def run(
        self,
        command: Sequence[str],
        name: str,
        timeout: float,
        accept: frozenset[int] = frozenset({0}),
        environ: Mapping[str, str] | None = None,
    ) -> Completed:
        """Run a command in the stage's folder; see `Processes.run`."""


class EmbeddedStage:
    """A world of its own, its ECS agent, and the deployment: a scenario may do what it likes.

    Leaving it ends all tasks, and raises UnexpectedAnswer where the backend gave up a request
    because this machine is too slow: whatever the scenario saw, it cannot tell.

    Args:
        world: the AWS; it outlives the stage, and shows what ran last.
        outputs: Terraform's, by name.
        environment: the environment's name.
        folder: a folder of the stage's own.
        processes: runs deploys.
        environ: the user's environment, of which children see next to nothing.
        images: which folder each image is.
        repository: where backend.deploy lies.
    """

    sealed = True
    watch = 3.0

    def __init__(
        self,
        world: EmbeddedAws,
        outputs: Mapping[str, Any],
        environment: str,
        folder: Path,
        processes: Processes,
        environ: Mapping[str, str],
        images: Images = repository_image,
        repository: Path = REPOSITORY,
    ) -> None:
        self.world, self.outputs, self.environment = world, outputs, environment
        self.folder = folder
        self.began = datetime.now(UTC)
        self._processes = processes
        self._environ = environ
        self._repository = repository
        cluster, service = outputs["cluster_name"], outputs["service_name"]
        self.fargate = Fargate(world, cluster, service, work=folder, environ=environ, images=images)
        self.deployment = EmbeddedDeployment(world, self.fargate, outputs)

    def __enter__(self) -> Self:
        self.fargate.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        gave_up = [answer for session in self.deployment.sessions for answer in session.gave_up]
        self.deployment.close()
        self.fargate.stop()
        if gave_up and (error is None or isinstance(error, UnexpectedAnswer)):
            demand_speed(gave_up, self.world.calls())

    def client(self, service: str) -> Any:
        """A boto3 client of the world's administrator."""
        return self.world.client(service)

    def roll_out(self, image: str = SECOND_IMAGE, timeout: float = 180) -> RollOut:
        """Deploy an image; the code is that of backend.deploy.

        Args:
            image: its URI.
            timeout: when backend.deploy gives up; in seconds of a machine that is not slow.
        """
        done = self.deploy("--image", image, timeout=timeout)
        said = (done.out + done.err).strip()[-500:]
        deaths = self.deployment.service.deaths() if done.code else []
        return RollOut(done.code, "\n".join([said, *deaths]), image)

    def deploy(self, *arguments: str, timeout: float = 180) -> Completed:
        """Deploy as the workflow does: `python -m backend.deploy`; gives its exit code and output.

        Args:
            arguments: further ones of backend.deploy.
            timeout: when it gives up by itself; in seconds of a machine that is not slow.

        Raises:
            ToolError: it ended by a signal, or not even then.
        """
        seconds = stretched(timeout)
        command = [sys.executable, "-m", "backend.deploy", "--environment", self.environment]
        command += ["--timeout", f"{seconds:.0f}", *arguments]
        return self.run(command, "deploy", seconds + _GIVING_UP, accept=_CODES)

    def run(
        self,
        command: Sequence[str],
        name: str,
        timeout: float,
        accept: frozenset[int] = frozenset({0}),
        environ: Mapping[str, str] | None = None,
    ) -> Completed:
        """Run a command in the stage's folder, sealed into its world; see `Processes.run`."""
        sealed = self.world.sealed(self._environ, self.folder) | {
            "PYTHONPATH": str(self._repository)
        }
        return self._processes.run(
            command,
            name=f"{name}-{self.folder.name}",
            directory=self.folder,
            environ=sealed | dict(environ or {}),
            timeout=timeout,
            accept=accept,
        )
