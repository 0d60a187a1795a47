"""A deployed backend in a world of its own: where a smoke scenario may do what it likes."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from verification.engine.deployment import EmbeddedDeployment
from verification.engine.embedded_aws import EmbeddedAws
from verification.engine.fargate import Fargate, Images, repository_image
from verification.engine.processes import Completed, Processes
from verification.engine.terraform import REPOSITORY

# backend.deploy's documented exit codes: all are results here, for a scenario to judge.
_CODES = frozenset(range(6))
FIRST_IMAGE = "registry.invalid/fileshare:first"
"""An image that is this repository's backend; the embedded agent pulls nothing."""


class Stage:
    """A world, its ECS agent, and the deployment that tests drive. Leaving it ends all tasks.

    Args:
        world: the AWS; it outlives the stage, and shows what ran last.
        outputs: Terraform's, by name.
        environment: the environment's name.
        folder: a folder of the stage's own.
        processes: runs deploys.
        environ: the user's environment, of which children see next to nothing.
        images: which folder each image is.
    """

    def __init__(
        self,
        world: EmbeddedAws,
        outputs: Mapping[str, Any],
        environment: str,
        folder: Path,
        processes: Processes,
        environ: Mapping[str, str],
        images: Images = repository_image,
    ) -> None:
        self.world, self.outputs, self.environment = world, outputs, environment
        self.folder = folder
        self._processes = processes
        self._environ = environ
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
        self.deployment.close()
        self.fargate.stop()

    def deploy(self, *arguments: str, timeout: float = 120) -> Completed:
        """Deploy as the workflow does: `python -m backend.deploy`; gives its exit code and output.

        Raises:
            ToolError: it ended by a signal, or not in time.
        """
        command = [sys.executable, "-m", "backend.deploy", "--environment", self.environment]
        return self.run([*command, *arguments], "deploy", timeout, accept=_CODES)

    def run(
        self,
        command: Sequence[str],
        name: str,
        timeout: float,
        accept: frozenset[int] = frozenset({0}),
        environ: Mapping[str, str] | None = None,
    ) -> Completed:
        """Run a command in the stage's folder, sealed into its world; see `Processes.run`."""
        sealed = self.world.sealed(self._environ, self.folder) | {"PYTHONPATH": str(REPOSITORY)}
        return self._processes.run(
            command,
            name=f"{name}-{self.folder.name}",
            directory=self.folder,
            environ=sealed | dict(environ or {}),
            timeout=timeout,
            accept=accept,
        )
