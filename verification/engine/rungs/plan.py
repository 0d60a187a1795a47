"""Jobs up to the plan: source, Terraform in a temporary copy, and the planned stack."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import wait
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from verification.engine.aws.emulator import EmbeddedAws, allowed, sealed
from verification.engine.aws.emulator.isolation import REFUSING
from verification.engine.errors import EnvironmentUnavailable, ToolError
from verification.engine.run.registry import job
from verification.engine.run.run import Run
from verification.engine.rungs.static import source
from verification.engine.system.temporary import RUN, OwnedFolder
from verification.engine.terraform.cli import Changes, Terraform, copy_tree
from verification.engine.terraform.installation import (
    Installation,
    find_installation,
    locked_version,
    network,
)
from verification.engine.terraform.module_tests import run_tests
from verification.engine.terraform.plan.inventory import read_inventory
from verification.engine.terraform.plan.stack import read_planned_stack
from verification.engine.terraform.provider_guard import refuse_escapes
from verification.model.contract import Contract
from verification.model.inventory import Inventory
from verification.model.module_tests import ModuleRun
from verification.model.stack import Stack

# Seconds from an apply's start to its creation of the load balancer, on two processors.
_RUSH = 8.0
_APPLY = "applied"


@job
def workspace(run: Run) -> Path:
    """Create the run's temporary folder, with an empty home for child processes."""
    try:
        folder = OwnedFolder(RUN)
        run.at_end(folder.remove)
        (folder.path / "home").mkdir()
    except OSError as error:
        raise EnvironmentUnavailable(
            f"the temporary folder cannot be created: {error}. Free some space, or set TMPDIR."
        ) from error
    return folder.path


@job
def installation(run: Run) -> Installation:
    """Find Terraform and the provider."""
    first = next(iter(run.contract.environments))
    lock = run.root / "environments" / first / ".terraform.lock.hcl"
    found = find_installation(run.environ, locked_version(lock))
    run.remarks += found.notes
    return found


@job
def world(run: Run) -> EmbeddedAws:
    """Start an empty embedded AWS."""
    with run.schedule.step("start embedded AWS"):
        started = EmbeddedAws.start()
    run.worlds.append(started)
    run.at_end(started.stop)
    return started


@job
def copied(run: Run, environment: str) -> Terraform:
    """Copy the tree for one environment; it has no AWS endpoint yet."""
    refuse_escapes(run.get(source))
    folder, found = run.get(workspace), run.get(installation)
    tree = copy_tree(run.root, folder / environment / run.root.name)
    home = folder / "home"
    terraform = Terraform(
        found,
        tree,
        environment,
        sealed(run.environ, REFUSING, home),
        run.processes,
        online=allowed(run.environ, home) | network(run.environ, found),
        folder=str(folder_of(run, environment).parent),
    )
    if not terraform.directory.is_dir():
        raise ToolError(f"{run.root / folder_of(run, environment)} does not exist.")
    return terraform


@job
def initialised(run: Run, environment: str) -> Terraform:
    """Run init for one environment in its copy, and set the embedded AWS as its endpoint."""
    run.start(world)
    terraform = run.get(copied, environment)
    # One at a time if providers are downloaded, because of Terraform's cache folder.
    mirrored = run.get(installation).plugin_dir
    turn = nullcontext() if mirrored else run.downloading
    with turn, run.schedule.step(f"init {environment}"):
        terraform.init()
    terraform.environ |= run.get(world).environment()
    return terraform


@job
def formatted(run: Run) -> list[str]:
    """The files that `terraform fmt` would change."""
    first = next(iter(run.contract.environments))
    terraform = run.get(copied, first)
    with run.schedule.step("fmt"):
        return terraform.unformatted()


@job
def planned(run: Run, environment: str) -> Changes:
    """Plan one environment with an empty state."""
    terraform = run.get(initialised, environment)
    with run.schedule.step(f"plan {environment}"):
        return terraform.plan()


@job
def tested(run: Run, environment: str) -> dict[str, tuple[ModuleRun, ...]]:
    """Run each module's own tests, with the provider of an environment.

    After the plan, for which others wait, and one at a time: each takes the memory of a plan.
    """
    terraform = run.get(initialised, environment)
    if started := run.schedule.find(planned.name, environment):
        wait([started])
    _let_apply_start(run, environment)
    folder = run.get(workspace)
    tree = copy_tree(run.root, folder / "module-tests" / run.root.name)
    environ = sealed(run.environ, REFUSING, folder / "home")
    found = {}
    for name in run.get(source).modules():
        path = (run.root.parent / name).relative_to(run.root / "modules")
        with run.work(f"test {path}"):
            found[name] = run_tests(terraform.module(path, tree, environ))
    return found


@job
def shown(run: Run, environment: str) -> Mapping[str, Any]:
    """Read the plan as JSON."""
    run.get(planned, environment)
    _let_apply_start(run, environment)
    terraform = run.get(initialised, environment)
    with run.schedule.step(f"show {environment}"):
        plan: Mapping[str, Any] = terraform.show()
    run.versions["terraform"] = plan["terraform_version"]
    return plan


@job
def planned_stack(run: Run, environment: str) -> Stack:
    """Read the planned stack."""
    plan, root = run.get(shown, environment), _root(run, environment)
    return read_planned_stack(plan, run.get(source), root, environment)


def root_modules(contract: Contract) -> list[str]:
    """Every root module: the environments, and the pipeline's if the contract has one."""
    return [*contract.environments, *([contract.pipeline.root] if contract.pipeline else [])]


def folder_of(run: Run, environment: str) -> Path:
    """The folder of a root module, below the Terraform root: an environment, or the pipeline's."""
    pipeline = run.contract.pipeline
    own = pipeline is not None and environment == pipeline.root
    return Path(environment) if own else Path("environments") / environment


@job
def inventory(run: Run, environment: str) -> Inventory:
    """Read every planned resource."""
    plan, stack = run.get(shown, environment), run.get(planned_stack, environment)
    return read_inventory(plan, run.get(source), _root(run, environment), stack)


def _root(run: Run, environment: str) -> str:
    """The folder of a root module, relative to the source's base."""
    return str(Path(run.root.name) / folder_of(run, environment))


def _let_apply_start(run: Run, environment: str) -> None:
    """Wait for the CPU-bound first seconds of an apply, if there is one.

    They end with the creation of the load balancer, for which an apply then waits a minute. A low
    priority is not sufficient if two processors share a core.
    """
    if apply := run.schedule.find(_APPLY, environment):
        wait([apply], timeout=_RUSH)
