"""Jobs of the rehearsal: the base deployed with users' data, and the change on top of it."""

from __future__ import annotations

from dataclasses import dataclass

from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.errors import ToolError
from verification.engine.run.registry import job
from verification.engine.run.run import Run
from verification.engine.rungs.change import (
    base,
    has_environment,
    of_base,
    onto,
    read_changeset,
)
from verification.engine.rungs.outcomes import Applied
from verification.engine.rungs.plan import planned_stack, workspace
from verification.engine.rungs.sandbox import applied
from verification.engine.rungs.smoke import deployed, stage_in
from verification.engine.rungs.user_data import People, click, count, look, make_people
from verification.engine.smoke.stage import EmbeddedStage
from verification.engine.terraform.cli import Terraform
from verification.model.changes import Changeset, Possessions, Rehearsal


@dataclass(frozen=True)
class Populated:
    """A deployment with users' data: its embedded AWS without tasks, and the data."""

    world: EmbeddedAws
    applied: Applied
    people: People
    tables: dict[str, str]
    possessions: Possessions


@job
def populated(run: Run, environment: str) -> Populated:
    """Apply and deploy, and create users' data."""
    there = run.get(applied, environment)
    stack = run.get(planned_stack, environment)
    tables = {table.address: str(table.name) for table in stack.tables}
    world = run.get(deployed, environment).fork()
    with (
        run.schedule.step(f"populate {environment}"),
        stage_in(run, world, there, "populate") as stage,
    ):
        stage.deployment.wait_steady()
        people = make_people(stage)
        clicks = click(stage, people)
        held = look(stage, people, tables)
    return Populated(world, there, people, tables, held.adding(clicks))


@job
def rehearsed(run: Run, environment: str) -> Rehearsal:
    """Plan and apply the working tree on top of users' data, deploy its backend, and compare.

    A change that would lose data stops before the apply.
    """
    if not has_environment(run, environment):
        raise ToolError(
            f"{run.base}, has no environments/{environment}, so there is no deployment to rehearse "
            "on. Use another --environment or --base."
        )
    # In parallel, because the base's apply mostly waits.
    run.start(planned_stack, environment)
    left = of_base(run, populated, environment)
    world = left.world.fork()
    terraform = onto(run, left.applied, world, "rehearsal")
    with run.schedule.step(f"plan the change on {environment}"):
        changeset = read_changeset(run, terraform, refresh=True)
    holders = changeset.of_types(run.contract.changes.holders)
    held = {change.address: count(world, change) for change in holders}
    counts = {address: number for address, number in held.items() if number is not None}
    if changeset.refused or changeset.losses(run.contract.changes.holders):
        return Rehearsal(changeset, counts, left.possessions)
    with run.schedule.step(f"apply the change to {environment}"):
        terraform.apply("change.tfplan")
    return _deployed(run, left, terraform, world, changeset, counts)


def _deployed(
    run: Run,
    left: Populated,
    terraform: Terraform,
    world: EmbeddedAws,
    changeset: Changeset,
    counts: dict[str, int],
) -> Rehearsal:
    """Deploy the working tree's backend in place of the base's, and read all data."""
    environment, earlier = terraform.environment, run.get(base).repository
    folder = run.get(workspace) / f"rehearsal-stage-{environment}"
    folder.mkdir()
    images = {"first": earlier, "second": run.repository}
    with EmbeddedStage(
        world, terraform.outputs(), environment, folder, run.processes, run.environ, images
    ) as stage:
        run.at_end(stage.fargate.stop)
        # The base's tasks may be unhealthy: a waiver may allow the deletion of what they read.
        with run.schedule.step(f"deploy the change to {environment}"):
            done = stage.roll_out()
        if not done.code:
            stage.deployment.wait_steady()
        held = look(stage, left.people, left.tables)
        after = held.adding(click(stage, left.people))
    return Rehearsal(changeset, counts, left.possessions, after, done.code, done.said)
