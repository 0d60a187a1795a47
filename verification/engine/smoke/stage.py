"""A stage: a deployed backend on which a scenario acts."""

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
from verification.engine.system.yardstick import stretched, until
from verification.engine.terraform.cli import REPOSITORY

# backend.deploy's documented exit codes, which scenarios judge.
_CODES = frozenset(range(6))
# Seconds in addition to backend.deploy's own timeout.
_GIVING_UP = 300.0
# Seconds until the agent has told how a task ended.
_TOLD = 2.0


@dataclass(frozen=True)
class RollOut:
    """The result of a rolling deployment: exit code, last output, image."""

    code: int
    said: str
    image: str


class Stage(Protocol):
    """What a scenario may do with a deployed backend on any target."""

    @property
    def deployment(self) -> Deployment:
        """The application, its users and its tasks."""

    @property
    def outputs(self) -> Mapping[str, Any]:
        """Terraform's outputs, by name."""

    @property
    def folder(self) -> Path:
        """The stage's folder."""

    @property
    def began(self) -> datetime:
        """When the stage began."""

    @property
    def watch(self) -> float:
        """The number of seconds to observe a service for stability."""

    @property
    def sealed(self) -> bool:
        """Whether child processes can reach only this machine."""

    def client(self, service: str) -> Any:
        """A boto3 client with an operator's credentials."""

    def roll_out(self) -> RollOut:
        """Replace every task by a rolling deployment; returns its result."""

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
    """A separate embedded AWS, its ECS agent, and the deployment: a scenario may change anything.

    Leaving it ends all tasks, and raises UnexpectedAnswer if the backend gave up a request because
    the machine is too slow: then the scenario's observations are not reliable.

    Args:
        world: the embedded AWS; it outlives the stage, and keeps its last state.
        outputs: Terraform's, by name.
        environment: the environment's name.
        folder: the stage's folder.
        processes: runs deploys.
        environ: the user's environment, of which child processes get very little.
        images: maps images to folders.
        repository: the repository with backend.deploy.
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
        deaths = self._deaths() if isinstance(error, UnexpectedAnswer) else []
        self.deployment.close()
        self.fargate.stop()
        if gave_up and (error is None or isinstance(error, UnexpectedAnswer)):
            demand_speed(gave_up, self.world.calls())
        if isinstance(error, UnexpectedAnswer) and deaths:
            raise error.because(deaths) from error

    def _deaths(self) -> list[str]:
        """Why tasks ended, which ECS tells a moment later."""
        return until(self.deployment.service.deaths, _TOLD, self.deployment.service.pause)

    def client(self, service: str) -> Any:
        """A boto3 client with administrator access."""
        return self.world.client(service)

    def image(self, tag: str) -> str:
        """The URI of an image of the stack's repository, which the execution role must pull.

        By default every tag is this repository's backend: the embedded agent transfers no images.
        """
        return f"{self.outputs['ecr_repository_url']}:{tag}"

    def roll_out(self, tag: str = "second", timeout: float = 180) -> RollOut:
        """Deploy an image; the code is backend.deploy's exit code.

        Args:
            tag: its tag.
            timeout: backend.deploy's timeout, in seconds of a machine of factor 1.
        """
        image = self.image(tag)
        done = self.deploy("--image", image, timeout=timeout)
        said = (done.out + done.err).strip()[-500:]
        deaths = self.deployment.service.deaths() if done.code else []
        return RollOut(done.code, "\n".join([said, *deaths]), image)

    def deploy(self, *arguments: str, timeout: float = 180) -> Completed:
        """Deploy as the workflow does: `python -m backend.deploy`; returns exit code and output.

        Args:
            arguments: further arguments of backend.deploy.
            timeout: backend.deploy's timeout, in seconds of a machine of factor 1.

        Raises:
            ToolError: it ended by a signal, or not within its timeout.
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
        """Run a command in the stage's folder, isolated from real AWS; see `Processes.run`."""
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
