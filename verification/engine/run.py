"""One run: the jobs behind the rungs, on an embedded AWS, each done once and in the background."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Any

from botocore.exceptions import ClientError

from verification.engine.drift import read_drift, tamperings
from verification.engine.embedded_aws import EmbeddedAws, allowed, sealed
from verification.engine.embedded_aws.seal import REFUSING
from verification.engine.errors import EnvironmentUnavailable, ToolError
from verification.engine.escapes import refuse_escapes
from verification.engine.fargate import Images, repository_image
from verification.engine.hcl import read_source
from verification.engine.installation import (
    Installation,
    find_installation,
    locked_version,
    network,
)
from verification.engine.live import leftovers, read_live_stack
from verification.engine.outcomes import Applied, Destroyed, Drifted
from verification.engine.plan_stack import read_planned_stack
from verification.engine.processes import Processes
from verification.engine.scenarios import SCENARIOS
from verification.engine.schedule import Schedule
from verification.engine.stage import FIRST_IMAGE, Stage
from verification.engine.terraform import Changes, Terraform, copy_tree
from verification.model.contract import Contract
from verification.model.source import Source
from verification.model.stack import Stack


class Run:
    """The jobs of a run. Each public method below `start` is a job, named by the method.

    Args:
        terraform_root: the folder that holds `environments/` and `modules/`.
        contract: what the stack must be.
        reports: where logs and screenshots go.
        environ: the user's environment; hardly anything of it reaches a child process.
    """

    def __init__(
        self, terraform_root: Path, contract: Contract, reports: Path, environ: Mapping[str, str]
    ) -> None:
        self.contract, self.reports = contract, reports
        self.schedule = Schedule()
        self._root = terraform_root.resolve()
        self._environ = environ
        self._processes = Processes(reports / "logs")
        self._folder: Path | None = None
        self._downloading = Lock()
        # Scenarios measure and wait: many more of them than processors would disturb each other.
        self._turns = BoundedSemaphore((os.cpu_count() or 1) + 1)

    def start(self, job: str, environment: str = "") -> Future[Any]:
        """Start a job or a scenario in the background, once; gives its future."""
        method: Callable[..., Any] = (
            partial(SCENARIOS[job], self) if job in SCENARIOS else getattr(self, job)
        )
        arguments = (environment,) if environment else ()
        return self.schedule.start(job, environment, lambda: method(*arguments))

    def close(self) -> None:
        """End every process of the run and remove its temporary folder."""
        self._processes.stop()
        if future := self.schedule.find("world"):
            with suppress(Exception):
                future.result(timeout=60).stop()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def notes(self) -> list[str]:
        """What the reader should know about how the run was done."""
        installation = self._ended("installation")
        return list(installation.notes) if installation else []

    def versions(self) -> dict[str, str]:
        """The version of the Terraform that was run; nothing if none was."""
        ended = (self._ended("planned_stack", name) for name in self.contract.environments)
        found = next((stack for stack in ended if stack), None)
        return {"terraform": found.terraform} if found else {}

    # The jobs.

    def source(self) -> Source:
        """Read the Terraform source."""
        with self.schedule.step("read source"):
            return read_source(self._root)

    def world(self) -> EmbeddedAws:
        """Start an empty embedded AWS."""
        with self.schedule.step("start embedded AWS"):
            return EmbeddedAws.start()

    def workspace(self) -> Path:
        """Make the run's temporary folder, with an empty home for its children."""
        try:
            self._folder = Path(tempfile.mkdtemp(prefix="fileshare-verification-"))
            (self._folder / "home").mkdir()
        except OSError as error:
            raise EnvironmentUnavailable(
                f"no temporary folder can be made: {error}. Free some space, or set TMPDIR."
            ) from error
        return self._folder

    def installation(self) -> Installation:
        """Find Terraform and the provider."""
        first = next(iter(self.contract.environments))
        lock = self._root / "environments" / first / ".terraform.lock.hcl"
        return find_installation(self._environ, locked_version(lock))

    def copied(self, environment: str) -> Terraform:
        """Copy the tree, for one environment; as yet no AWS is within its reach."""
        refuse_escapes(self._get("source"))
        folder, installation = self._get("workspace"), self._get("installation")
        tree = copy_tree(self._root, folder / environment / self._root.name)
        home = folder / "home"
        terraform = Terraform(
            installation,
            tree,
            environment,
            sealed(self._environ, REFUSING, home),
            self._processes,
            online=allowed(self._environ, home) | network(self._environ, installation),
        )
        if not terraform.directory.is_dir():
            raise ToolError(f"{self._root}/environments/{environment} does not exist.")
        return terraform

    def initialised(self, environment: str) -> Terraform:
        """Init one environment in its copy, and let it reach the embedded AWS."""
        self.start("world")
        terraform: Terraform = self._get("copied", environment)
        # One at a time where providers are downloaded: Terraform's cache folder bears only that.
        mirrored = self._get("installation").plugin_dir
        turn = nullcontext() if mirrored else self._downloading
        with turn, self.schedule.step(f"init {environment}"):
            terraform.init()
        terraform.environ |= self._get("world").environment()
        return terraform

    def formatted(self) -> list[str]:
        """Ask Terraform which files do not have its format."""
        first = next(iter(self.contract.environments))
        terraform: Terraform = self._get("copied", first)
        with self.schedule.step("fmt"):
            return terraform.unformatted()

    def validated(self, environment: str) -> tuple[str, ...]:
        """Validate one environment; gives Terraform's warnings."""
        # After the plan, whatever its outcome: an apply waits for the plan, and on two cores
        # everything else slows it down.
        self.start("planned", environment).exception()
        terraform: Terraform = self._get("initialised", environment)
        with self.schedule.step(f"validate {environment}"):
            return tuple(map(str, terraform.validate()))

    def planned(self, environment: str) -> Changes:
        """Plan one environment from nothing."""
        terraform: Terraform = self._get("initialised", environment)
        with self.schedule.step(f"plan {environment}"):
            return terraform.plan()

    def planned_stack(self, environment: str) -> Stack:
        """Read the stack that the plan promises."""
        self._get("planned", environment)
        terraform: Terraform = self._get("initialised", environment)
        with self.schedule.step(f"show {environment}"):
            plan = terraform.show()
        root = f"{self._root.name}/environments/{environment}"
        return read_planned_stack(plan, self._get("source"), root, environment)

    def applied(self, environment: str) -> Applied:
        """Apply the very plan that was examined, in a world of its own."""
        self._get("planned", environment)
        terraform: Terraform = self._get("initialised", environment)
        world, terraform = self._fork(self._get("world"), terraform, "apply")
        with self.schedule.step(f"apply {environment}"):
            changes = terraform.apply()
        return Applied(world, terraform, changes)

    def live_stack(self, environment: str) -> Stack:
        """Read the stack that AWS says is there."""
        applied: Applied = self._get("applied", environment)
        with self.schedule.step(f"read {environment}"):
            return self._read(applied.world, environment)

    def second_plan(self, environment: str) -> Changes:
        """Plan again after the apply."""
        applied: Applied = self._get("applied", environment)
        with self.schedule.step(f"second plan {environment}"):
            return applied.terraform.plan(out="second.tfplan")

    def drifted(self, environment: str) -> Drifted:
        """Change things by hand in a fork, use_dynamodb among them, and plan."""
        applied: Applied = self._get("applied", environment)
        stack: Stack = self._get("planned_stack", environment)
        world, terraform = self._fork(applied.world, applied.terraform, "drift")
        switch = next(p for p in stack.parameters if str(p.name).endswith("/use_dynamodb"))
        made = tamperings(stack)
        for tampering in made:
            tampering.make(world.client)
        world.client("ssm").put_parameter(Name=switch.name, Value="false", Overwrite=True)
        with self.schedule.step(f"drift {environment}"):
            planned = terraform.plan(out="drift.tfplan").planned
            found = read_drift(terraform.show("drift.tfplan"))
        self._get("second_plan", environment)
        with self.schedule.step(f"drift without changes {environment}"):
            always = read_drift(applied.terraform.show("second.tfplan"))
        new = [d for d in found if d not in always and d.address != switch.address]
        return Drifted(made, new, switch.address, planned)

    def destroyed(self, environment: str) -> Destroyed:
        """Put an item into every table of a fork, destroy it, and look what is left."""
        applied: Applied = self._get("applied", environment)
        world, terraform = self._fork(applied.world, applied.terraform, "destroy")
        before: Stack = self._get("planned_stack", environment)
        tables = [str(table.name) for table in before.tables]
        for table in before.tables:
            key = {str(table.hash_key): {"S": "kept"}}
            world.client("dynamodb").put_item(TableName=table.name, Item=key)
        held = {name: _count(world, name) for name in tables}
        error = ""
        with self.schedule.step(f"destroy {environment}"):
            try:
                terraform.destroy()
            except ToolError as refusal:
                error = str(refusal)
        items = {name: (held[name], _count(world, name)) for name in tables}
        prefix, path = self._prefix(environment), self._path(environment)
        left = leftovers(world.client, prefix, self.contract.project, environment, path)
        return Destroyed(error, len(before.resources()), left, items)

    def outputs(self, environment: str) -> dict[str, Any]:
        """Read Terraform's outputs, once for all scenarios."""
        applied: Applied = self._get("applied", environment)
        return applied.terraform.outputs()

    def deployed(self, environment: str) -> EmbeddedAws:
        """Deploy the backend for the first time; gives the world as it was then, without tasks.

        IAM is enforced from here on: the backend can do only what Terraform lets it.
        """
        applied: Applied = self._get("applied", environment)
        world = applied.world.fork()
        world.enforce()
        with self._stage(world, applied, "first-deploy") as stage:
            with self.schedule.step(f"deploy {environment}"):
                done = stage.deploy("--image", FIRST_IMAGE)
            if done.code:
                raise ToolError(f"the first deploy failed ({done.code}): {done.out}{done.err}")
        return world

    @contextmanager
    def stage(
        self, environment: str, scenario: str, images: Images = repository_image
    ) -> Iterator[Stage]:
        """A deployed backend in a fork of its own, ready for requests; ends with the block."""
        deployed: EmbeddedAws = self._get("deployed", environment)
        applied: Applied = self._get("applied", environment)
        with (
            self._turns,
            self.schedule.step(f"{scenario} {environment}"),
            deployed.fork() as world,
            self._stage(world, applied, scenario, images) as stage,
        ):
            stage.deployment.wait_steady()
            yield stage

    # What the jobs share.

    def _stage(
        self,
        world: EmbeddedAws,
        applied: Applied,
        scenario: str,
        images: Images = repository_image,
    ) -> Stage:
        workspace: Path = self._get("workspace")
        environment = applied.terraform.environment
        folder = workspace / f"{scenario}-{environment}"
        folder.mkdir()
        outputs = self._get("outputs", environment)
        return Stage(world, outputs, environment, folder, self._processes, self._environ, images)

    def _ended(self, job: str, environment: str = "") -> Any:
        """A job's result if it was run and went well, else None."""
        future = self.schedule.find(job, environment)
        done = future is not None and future.done() and future.exception() is None
        return future.result() if future and done else None

    def _get(self, job: str, environment: str = "") -> Any:
        return self.start(job, environment).result()

    def _fork(
        self, world: EmbeddedAws, terraform: Terraform, name: str
    ) -> tuple[EmbeddedAws, Terraform]:
        """Copy a world, and the Terraform tree with the state that describes it."""
        folder: Path = self._get("workspace")
        fork = world.fork()
        named = f"{name}-{terraform.environment}"
        environ = fork.sealed(self._environ, folder / "home")
        return fork, terraform.clone(folder / named / self._root.name, environ, named)

    def _read(self, world: EmbeddedAws, environment: str) -> Stack:
        prefix, path = self._prefix(environment), self._path(environment)
        return read_live_stack(world.client, environment, prefix, path)

    def _path(self, environment: str) -> str:
        return self.contract.parameter_path.format(environment=environment)

    def _prefix(self, environment: str) -> str:
        return f"{self.contract.project}-{environment}"


def _count(world: EmbeddedAws, table: str) -> int:
    try:
        counted: int = world.client("dynamodb").scan(TableName=table, Select="COUNT")["Count"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return -1
        raise
    return counted
