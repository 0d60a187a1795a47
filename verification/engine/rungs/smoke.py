"""Jobs of the smoke rung: a first deploy, and each scenario on a separate stage."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any, TypeVar

from verification.engine.aws.emulator import ACCOUNT, REGION, EmbeddedAws
from verification.engine.aws.fargate import Images, images_of
from verification.engine.errors import ToolError
from verification.engine.run.registry import Job, job
from verification.engine.run.run import Run
from verification.engine.rungs.outcomes import Applied
from verification.engine.rungs.plan import workspace
from verification.engine.rungs.sandbox import applied, destroyed, drifted, second_plan
from verification.engine.smoke.scenarios import SCENARIOS, Scenario
from verification.engine.smoke.stage import EmbeddedStage, Stage
from verification.engine.system.processes import Completed
from verification.engine.terraform.cli import Terraform
from verification.model.stack import Stack

T = TypeVar("T")
# Terraform steps of the sandbox rung, in parallel to the scenarios.
_BUSY = (second_plan, drifted, destroyed)


@job
def outputs(run: Run, environment: str) -> dict[str, Any]:
    """Read Terraform's outputs, once for all scenarios."""
    return run.get(applied, environment).terraform.outputs()


@job
def deployed(run: Run, environment: str) -> EmbeddedAws:
    """Deploy the backend for the first time; returns the embedded AWS without tasks.

    From here on IAM is enforced: the backend has only the permissions of the Terraform.
    """
    there = run.get(applied, environment)
    world = there.world.fork()
    world.enforce()
    with stage_in(run, world, there, "first-deploy") as stage:
        with run.schedule.step(f"deploy {environment}"):
            done = stage.deploy("--image", stage.image("first"))
        if done.code:
            raise ToolError(_undeployed(stage, done))
    return world


def _undeployed(stage: EmbeddedStage, done: Completed) -> str:
    """Why the first deploy failed: a task's last output, or else the deploy's."""
    said = (done.out + done.err).strip().splitlines() or ["it printed nothing"]
    cause = (stage.deployment.service.deaths() or said)[-1]
    return (
        f"the first deploy failed ({done.code}): {cause}. Start the backend by hand with the task "
        f"definition's variables, or read deploy-{stage.folder.name}.out in the reports' logs."
    )


@job
def location(run: Run, environment: str) -> Stack:
    """The stack's environment, account, region and partition, without resources."""
    if run.aws:
        identity = run.aws.identity
        account, region, partition = identity.account, run.aws.region, identity.partition
    else:
        account, region, partition = ACCOUNT, REGION, "aws"
    return Stack(environment=environment, account=account, region=region, partition=partition)


@cache
def played(scenario: Scenario[T]) -> Job[[str], T]:
    """The job that runs a scenario on stages of the run's target."""

    def play(run: Run, environment: str) -> T:
        return scenario(RunStages(run), environment)

    return Job(play, scenario.name)


class RunStages:
    """The stages of a run, for scenarios.

    Args:
        run: has the target, and the jobs that a stage needs.
    """

    def __init__(self, run: Run) -> None:
        self._run, self.contract, self.reports = run, run.contract, run.reports

    def stage(self, environment: str, scenario: str) -> AbstractContextManager[Stage]:
        """A deployed backend of the run's target, ready for requests; a context manager."""
        return self._on_aws(scenario) if self._run.aws else self.embedded(environment, scenario)

    @contextmanager
    def embedded(
        self, environment: str, scenario: str, images: Images | None = None
    ) -> Iterator[EmbeddedStage]:
        """One in a separate fork, ready for requests; a context manager.

        Raises:
            ToolError: the run has another target.
        """
        run = self._run
        if run.aws:
            raise ToolError(f"{scenario} needs the embedded AWS: mark its tests `embedded`.")
        world, there = run.get(deployed, environment), run.get(applied, environment)
        # The scenario registered first runs first, whatever the order of requests: the longest,
        # such as restore, are early.
        rank, alone = _turn(scenario)
        if alone:
            _let_others_end(run)
        with (
            run.turns.take(rank, alone=alone),
            run.schedule.step(f"{scenario} {environment}"),
            world.fork() as fork,
            stage_in(run, fork, there, scenario, images) as stage,
        ):
            stage.deployment.wait_steady()
            yield stage
            run.recording.add(environment, stage.world.calls())

    def terraform(self, stage: EmbeddedStage) -> Terraform:
        """Terraform, with the state of the apply, for a stage's embedded AWS."""
        run, there = self._run, self._run.get(applied, stage.environment)
        environ = stage.world.sealed(run.environ, stage.folder)
        return there.terraform.clone(stage.folder / run.root.name, environ, stage.folder.name)

    @contextmanager
    def _on_aws(self, scenario: str) -> Iterator[Stage]:
        """The deployment in the account, ready for requests; its users are removed at the end."""
        run = self._run
        assert run.aws is not None
        folder = run.get(workspace) / scenario
        with run.schedule.step(scenario), run.aws.stage(folder, run.processes) as stage:
            yield stage


def _turn(name: str) -> tuple[int, bool]:
    """A scenario's rank, and whether it must run alone; unregistered ones are last."""
    return next(
        ((rank, one.alone) for rank, one in enumerate(SCENARIOS) if one.name == name),
        (len(SCENARIOS), False),
    )


def _let_others_end(run: Run) -> None:
    """Wait for all started jobs that use the processors after an apply."""
    names = [one.name for one in SCENARIOS if not one.alone] + [one.name for one in _BUSY]
    asked = [run.schedule.find(name, e) for name in names for e in run.contract.environments]
    wait([future for future in asked if future])


def stage_in(
    run: Run,
    world: EmbeddedAws,
    there: Applied,
    scenario: str,
    images: Images | None = None,
) -> EmbeddedStage:
    """A stage in the embedded AWS of an applied environment; it must still be entered.

    In an interrupted run its tasks end before the embedded AWS and their folder.
    """
    environment = there.terraform.environment
    folder = run.get(workspace) / f"{scenario}-{environment}"
    folder.mkdir()
    stage = EmbeddedStage(
        world,
        run.get(outputs, environment),
        environment,
        folder,
        run.processes,
        run.environ,
        images or images_of(run.repository),
        run.repository,
    )
    run.at_end(stage.fargate.stop)
    return stage
