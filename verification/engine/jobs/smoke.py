"""The jobs of the smoke rung before its scenarios: a first deploy, and stages to act on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from verification.engine.embedded_aws import EmbeddedAws
from verification.engine.errors import ToolError
from verification.engine.fargate import Images, repository_image
from verification.engine.jobs.registry import job
from verification.engine.outcomes import Applied
from verification.engine.stage import FIRST_IMAGE, Stage

if TYPE_CHECKING:
    from pathlib import Path

    from verification.engine.run import Run


@job
def outputs(run: Run, environment: str) -> dict[str, Any]:
    """Read Terraform's outputs, once for all scenarios."""
    applied: Applied = run.get("applied", environment)
    return applied.terraform.outputs()


@job
def deployed(run: Run, environment: str) -> EmbeddedAws:
    """Deploy the backend for the first time; gives the world as it was then, without tasks.

    IAM is enforced from here on: the backend can do only what Terraform lets it.
    """
    applied: Applied = run.get("applied", environment)
    world = applied.world.fork()
    world.enforce()
    with _stage(run, world, applied, "first-deploy") as stage:
        with run.schedule.step(f"deploy {environment}"):
            done = stage.deploy("--image", FIRST_IMAGE)
        if done.code:
            raise ToolError(f"the first deploy failed ({done.code}): {done.out}{done.err}")
    return world


@contextmanager
def open_stage(
    run: Run, environment: str, scenario: str, images: Images = repository_image
) -> Iterator[Stage]:
    """A deployed backend in a fork of its own, ready for requests; ends with the block."""
    deployed: EmbeddedAws = run.get("deployed", environment)
    applied: Applied = run.get("applied", environment)
    with (
        run.turns,
        run.schedule.step(f"{scenario} {environment}"),
        deployed.fork() as world,
        _stage(run, world, applied, scenario, images) as stage,
    ):
        stage.deployment.wait_steady()
        yield stage


def _stage(
    run: Run,
    world: EmbeddedAws,
    applied: Applied,
    scenario: str,
    images: Images = repository_image,
) -> Stage:
    workspace: Path = run.get("workspace")
    environment = applied.terraform.environment
    folder = workspace / f"{scenario}-{environment}"
    folder.mkdir()
    outputs = run.get("outputs", environment)
    return Stage(world, outputs, environment, folder, run.processes, run.environ, images)
