"""The jobs of the smoke rung before its scenarios: a first deploy, and stages to act on."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from verification.engine.aws.emulator import ACCOUNT, REGION, EmbeddedAws
from verification.engine.aws.fargate import Images, images_of
from verification.engine.errors import ToolError
from verification.engine.run.registry import JOBS, job
from verification.engine.rungs.outcomes import Applied
from verification.engine.smoke.scenarios.registry import ALONE, SCENARIOS
from verification.engine.smoke.stage import FIRST_IMAGE, EmbeddedStage, Stage
from verification.engine.system.processes import Completed
from verification.engine.terraform.cli import Terraform
from verification.model.stack import Stack

if TYPE_CHECKING:
    from pathlib import Path

    from verification.engine.run.run import Run


# Terraform at work in the sandbox, beside the scenarios.
_BUSY = ("second_plan", "drifted", "destroyed")


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
    with stage_in(run, world, applied, "first-deploy") as stage:
        with run.schedule.step(f"deploy {environment}"):
            done = stage.deploy("--image", FIRST_IMAGE)
        if done.code:
            raise ToolError(_undeployed(stage, done))
    return world


def _undeployed(stage: EmbeddedStage, done: Completed) -> str:
    """Why the first deploy failed: a task's last words before those of the deploy."""
    said = (done.out + done.err).strip().splitlines() or ["it said nothing"]
    cause = (stage.deployment.service.deaths() or said)[-1]
    return (
        f"the first deploy failed ({done.code}): {cause}. Start the backend by hand with the task "
        f"definition's variables, or read deploy-{stage.folder.name}.out in the reports' logs."
    )


@job
def location(run: Run, environment: str) -> Stack:
    """Where the stack is: environment, account, region and partition, and nothing that is in it."""
    if run.aws:
        identity = run.aws.identity
        account, region, partition = identity.account, run.aws.region, identity.partition
    else:
        account, region, partition = ACCOUNT, REGION, "aws"
    return Stack(environment=environment, account=account, region=region, partition=partition)


@contextmanager
def on_aws(run: Run, scenario: str) -> Iterator[Stage]:
    """The deployment in the account, ready for requests; its users go with the block."""
    assert run.aws is not None
    folder: Path = run.get("workspace") / scenario
    with run.schedule.step(scenario), run.aws.stage(folder, run.processes) as stage:
        yield stage


@contextmanager
def open_stage(
    run: Run, environment: str, scenario: str, images: Images | None = None
) -> Iterator[EmbeddedStage]:
    """A deployed backend in a fork of its own, ready for requests; ends with the block."""
    # The first registered goes first, whoever asked first: the longest, such as restore, are early.
    ranks = {name: rank for rank, name in enumerate(JOBS)}
    deployed: EmbeddedAws = run.get("deployed", environment)
    applied: Applied = run.get("applied", environment)
    if scenario in ALONE:
        _let_others_end(run)
    with (
        run.turns.take(ranks.get(scenario, len(ranks)), alone=scenario in ALONE),
        run.schedule.step(f"{scenario} {environment}"),
        deployed.fork() as world,
        stage_in(run, world, applied, scenario, images) as stage,
    ):
        stage.deployment.wait_steady()
        yield stage
        run.recording.add(environment, stage.world.calls())


def _let_others_end(run: Run) -> None:
    """Wait until all has ended that was started and keeps the processors busy after an apply."""
    names = [*(name for name in SCENARIOS if name not in ALONE), *_BUSY]
    asked = [run.schedule.find(name, e) for name in names for e in run.contract.environments]
    wait([future for future in asked if future])


def terraform_of(run: Run, stage: EmbeddedStage) -> Terraform:
    """Terraform, with the state of what was applied, to go on in a stage's world."""
    applied: Applied = run.get("applied", stage.environment)
    environ = stage.world.sealed(run.environ, stage.folder)
    return applied.terraform.clone(stage.folder / run.root.name, environ, stage.folder.name)


def stage_in(
    run: Run,
    world: EmbeddedAws,
    applied: Applied,
    scenario: str,
    images: Images | None = None,
) -> EmbeddedStage:
    """A stage in a world of an environment that was applied; it must still be entered."""
    workspace: Path = run.get("workspace")
    environment = applied.terraform.environment
    folder = workspace / f"{scenario}-{environment}"
    folder.mkdir()
    outputs = run.get("outputs", environment)
    return EmbeddedStage(
        world,
        outputs,
        environment,
        folder,
        run.processes,
        run.environ,
        images or images_of(run.repository),
        run.repository,
    )
