"""Jobs of the base: the merge base's tree, and what is applied from it."""

from __future__ import annotations

from datetime import date

from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.checkov.register import read_register
from verification.engine.errors import EnvironmentUnavailable, ToolError
from verification.engine.run.registry import Job, P, T, job
from verification.engine.run.run import Run
from verification.engine.rungs.outcomes import Applied
from verification.engine.rungs.plan import initialised, planned_stack, shown, workspace, world
from verification.engine.rungs.sandbox import fork
from verification.engine.rungs.static import source
from verification.engine.smoke.http_session import UnexpectedAnswer
from verification.engine.system.git import export
from verification.engine.terraform.cli import Terraform
from verification.engine.terraform.plan.changes import read_changes
from verification.engine.terraform.plan.references import References
from verification.engine.terraform.plan.resources import whole_changes
from verification.model.changes import Changeset
from verification.model.policies import Waiver
from verification.model.source import Source
from verification.model.stack import Stack

# Terraform's error if a plan would destroy a resource with `prevent_destroy`.
_REFUSED = "Instance cannot be destroyed"


@job
def base(run: Run) -> Run:
    """Export the base; returns a run on its files."""
    if run.base is None:
        raise ToolError("there is no base: add --base REF.")
    folder = run.get(workspace) / f"base-{run.base.commit[:10]}"
    with run.schedule.step("export base"):
        root = export(run.base, folder)
    other = run.beside(root, folder, "base")
    # It plans from nothing too, and applies in forks: one empty AWS is enough.
    other.schedule.start(world.name, "", lambda: run.get(world))
    run.at_end(other.close)
    return other


@job
def base_source(run: Run) -> Source:
    """The base's Terraform source."""
    return of_base(run, source)


@job
def base_planned_stack(run: Run, environment: str) -> Stack | None:
    """The stack of the base's plan; None if the base does not have the environment."""
    if not has_environment(run, environment):
        return None
    return of_base(run, planned_stack, environment)


@job
def held(run: Run, environment: str) -> Applied:
    """Apply only the base's data resources and guards, which takes seconds instead of a minute."""
    plan = run.get(shown, environment)
    types = {*run.contract.changes.holders, *run.contract.changes.guards}
    targets = [item["address"] for item in whole_changes(plan) if item["type"] in types]
    aws, terraform = fork(run, run.get(world), run.get(initialised, environment), "held")
    if not targets:
        return Applied(aws, terraform, terraform.plan(out="held.tfplan"))
    with run.schedule.step(f"apply what holds data {environment}"):
        terraform.plan(out="held.tfplan", targets=targets)
        return Applied(aws, terraform, terraform.apply("held.tfplan"))


@job
def changeset(run: Run, environment: str) -> Changeset:
    """Plan the working tree on top of the base's data resources.

    Renames, `moved` and `removed` blocks, and forced replacements are evaluated by Terraform
    itself.
    """
    if not has_environment(run, environment):
        return Changeset(environment, None, run.get(planned_stack, environment), ())
    run.start(planned_stack, environment)
    left = of_base(run, held, environment)
    terraform = onto(run, left, left.world, "change")
    with run.schedule.step(f"plan the change of {environment}"):
        return read_changeset(run, terraform)


def read_changeset(run: Run, terraform: Terraform, refresh: bool = False) -> Changeset:
    """Plan the working tree with its current state, into change.tfplan."""
    environment = terraform.environment
    before = run.get(base_planned_stack, environment)
    after = run.get(planned_stack, environment)
    waivers = new_waivers(run)
    try:
        terraform.plan(out="change.tfplan", refresh=refresh)
    except ToolError as error:
        if _REFUSED not in str(error):
            raise
        return Changeset(environment, before, after, (), str(error), waivers)
    root = f"{run.root.name}/environments/{environment}"
    references = References(run.get(source), root, {})
    changes = read_changes(terraform.show("change.tfplan"), references)
    return Changeset(environment, before, after, changes, waivers=waivers)


def new_waivers(run: Run) -> tuple[Waiver, ...]:
    """The valid waivers that the change adds.

    Waivers in the base were for earlier changes.
    """
    earlier = set(read_register(run.get(base).policies).waivers)
    waivers = read_register(run.policies).waivers
    return tuple(w for w in waivers if w not in earlier and w.expires >= date.today())


def onto(run: Run, left: Applied, aws: EmbeddedAws, name: str) -> Terraform:
    """A copy of the working tree with the state of the base's apply."""
    environment = left.terraform.environment
    mine = run.get(initialised, environment)
    folder = run.get(workspace)
    named = f"{name}-{environment}"
    environ = aws.sealed(run.environ, folder / "home")
    copy = mine.clone(folder / named / run.root.name, environ, named)
    copy.adopt(left.terraform)
    return copy


def has_environment(run: Run, environment: str) -> bool:
    """Whether the base has an environment; a new one has nothing to lose."""
    return (run.get(base).root / "environments" / environment).is_dir()


def of_base(run: Run, job: Job[P, T], *args: P.args, **named: P.kwargs) -> T:
    """A job's result for the base; errors name the base."""
    other = run.get(base)
    try:
        return other.get(job, *args, **named)
    except EnvironmentUnavailable:
        raise
    except ToolError as error:
        if isinstance(error, UnexpectedAnswer) and error.unknown:
            raise
        raise ToolError(f"The base ({run.base}) fails: {error}") from error
