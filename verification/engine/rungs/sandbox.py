"""Jobs of the sandbox rung: apply, read, second plan, drift, destroy."""

from __future__ import annotations

from botocore.exceptions import ClientError

from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.aws.live import leftovers, read_live_stack
from verification.engine.errors import ToolError
from verification.engine.run.registry import job
from verification.engine.run.run import Run
from verification.engine.rungs.outcomes import Applied, Destroyed, Drifted
from verification.engine.rungs.plan import (
    initialised,
    planned,
    planned_stack,
    workspace,
    world,
)
from verification.engine.rungs.tampering import read_drift, tamperings
from verification.engine.terraform.cli import Changes, Terraform
from verification.model.stack import Stack


@job
def applied(run: Run, environment: str) -> Applied:
    """Apply the plan that was examined, in a separate embedded AWS."""
    run.get(planned, environment)
    aws, terraform = fork(run, run.get(world), run.get(initialised, environment), "apply")
    with run.schedule.step(f"apply {environment}"):
        changes = terraform.apply()
    return Applied(aws, terraform, changes)


@job
def live_stack(run: Run, environment: str) -> Stack:
    """Read the live stack."""
    there = run.get(applied, environment)
    with run.schedule.step(f"read {environment}"):
        prefix, path = run.prefix(environment), run.path(environment)
        return read_live_stack(there.world.client, environment, prefix, path)


@job
def second_plan(run: Run, environment: str) -> Changes:
    """Plan again after the apply."""
    there = run.get(applied, environment)
    with run.work(f"second plan {environment}"):
        return there.terraform.plan(out="second.tfplan")


@job
def drifted(run: Run, environment: str) -> Drifted:
    """Make manual changes in a fork, including use_dynamodb, and plan."""
    there = run.get(applied, environment)
    stack = run.get(planned_stack, environment)
    aws, terraform = fork(run, there.world, there.terraform, "drift")
    switch = next(p for p in stack.parameters if str(p.name).endswith("/use_dynamodb"))
    made = tamperings(stack)
    for tampering in made:
        tampering.make(aws.client)
    aws.client("ssm").put_parameter(Name=switch.name, Value="false", Overwrite=True)
    with run.work(f"drift {environment}"):
        changes = terraform.plan(out="drift.tfplan").planned
        found = read_drift(terraform.show("drift.tfplan"))
    run.get(second_plan, environment)
    with run.work(f"drift without changes {environment}"):
        always = read_drift(there.terraform.show("second.tfplan"))
    new = [d for d in found if d not in always and d.address != switch.address]
    return Drifted(made, new, switch.address, changes)


@job
def destroyed(run: Run, environment: str) -> Destroyed:
    """Put an item into every table of a fork, destroy it, and list what is left."""
    there = run.get(applied, environment)
    aws, terraform = fork(run, there.world, there.terraform, "destroy")
    before = run.get(planned_stack, environment)
    tables = [str(table.name) for table in before.tables]
    for table in before.tables:
        key = {str(table.hash_key): {"S": "kept"}}
        aws.client("dynamodb").put_item(TableName=table.name, Item=key)
    held = {name: _count(aws, name) for name in tables}
    error = ""
    with run.schedule.step(f"destroy {environment}"):
        try:
            terraform.destroy()
        except ToolError as refusal:
            error = str(refusal)
    items = {name: (held[name], _count(aws, name)) for name in tables}
    prefix, path = run.prefix(environment), run.path(environment)
    left = leftovers(aws.client, prefix, run.contract.project, environment, path)
    return Destroyed(error, len(before.resources()), left, items)


def fork(
    run: Run, aws: EmbeddedAws, terraform: Terraform, name: str
) -> tuple[EmbeddedAws, Terraform]:
    """Fork the embedded AWS, and copy the Terraform tree with its state."""
    folder = run.get(workspace)
    copy = aws.fork()
    named = f"{name}-{terraform.environment}"
    environ = copy.sealed(run.environ, folder / "home")
    return copy, terraform.clone(folder / named / run.root.name, environ, named)


def _count(world: EmbeddedAws, table: str) -> int:
    try:
        counted: int = world.client("dynamodb").scan(TableName=table, Select="COUNT")["Count"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return -1
        raise
    return counted
