"""One run: what every job shares, and who does each job once and in the background."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any

from verification.engine.aws.emulator import ACCOUNT, REGION
from verification.engine.aws.fargate import Images
from verification.engine.errors import ToolError
from verification.engine.run.schedule import Schedule, Turns
from verification.engine.rungs import JOBS
from verification.engine.rungs.smoke import on_aws, open_stage, terraform_of
from verification.engine.smoke.account import AwsTarget
from verification.engine.smoke.call_recording import Recording
from verification.engine.smoke.stage import EmbeddedStage, Stage
from verification.engine.system import yardstick
from verification.engine.system.git import Base
from verification.engine.system.processes import Processes
from verification.engine.terraform.cli import REPOSITORY, Terraform
from verification.model.contract import Contract

POLICIES = REPOSITORY / "policies"
# Chosen from runs beside other work, whose middle was 4 to 8; no idle machine was measured yet.
_BUSY = 5.0
_FIRST = -1


def _places() -> int:
    """How many scenarios may run at a time: they wait as much as they work, but not on a busy
    machine."""
    processors = os.cpu_count() or 1
    return max(1, processors + 2 if yardstick.slowness() < _BUSY else processors // 2)


class Run:
    """Does the jobs of `verification.engine.rungs`, each once, and ends what they started.

    Args:
        terraform_root: the folder that holds `environments/` and `modules/`.
        contract: what the stack must be.
        reports: where logs and screenshots go.
        environ: the user's environment; hardly anything of it reaches a child process.
        policies: the folder of our own policies, of the decisions and of the waivers.
        base: the commit that the change starts from; None where nothing is compared.
        repository: where the backend lies that is deployed.
        schedule: where the jobs are done; one of its own by default.
        aws: the account whose deployment the smoke rung drives; None for the embedded AWS.
    """

    def __init__(
        self,
        terraform_root: Path,
        contract: Contract,
        reports: Path,
        environ: Mapping[str, str],
        policies: Path = POLICIES,
        base: Base | None = None,
        repository: Path = REPOSITORY,
        schedule: Schedule | None = None,
        aws: AwsTarget | None = None,
    ) -> None:
        self.root, self.policies = terraform_root.resolve(), policies.resolve()
        self.contract, self.reports, self.environ = contract, reports, environ
        self.base, self.repository, self.aws = base, repository, aws
        self.remarks: list[str] = []
        self.left_behind: list[str] = []
        self.recording = Recording()
        self.schedule = schedule or Schedule(logs=reports / "logs")
        self.processes = Processes(reports / "logs")
        # Held while providers are downloaded: Terraform's cache folder bears one init at a time.
        self.downloading = Lock()
        self.turns = Turns(_places)

    def start(self, job: str, environment: str = "") -> Future[Any]:
        """Start a job in the background, once; gives its future."""
        arguments = (environment,) if JOBS[job].per_environment else ()
        return self.schedule.start(
            job, "".join(arguments), lambda: JOBS[job].function(self, *arguments)
        )

    def get(self, job: str, environment: str = "") -> Any:
        """A job's result; starts the job if need be, and waits for it."""
        return self.start(job, environment).result()

    def stage(self, environment: str, scenario: str) -> AbstractContextManager[Stage]:
        """A deployed backend of the run's target, ready for requests; ends with the block."""
        return on_aws(self, scenario) if self.aws else self.embedded(environment, scenario)

    def embedded(
        self, environment: str, scenario: str, images: Images | None = None
    ) -> AbstractContextManager[EmbeddedStage]:
        """One in a fork of its own, ready for requests; ends with the block.

        Raises:
            ToolError: the run has another target.
        """
        if self.aws:
            raise ToolError(f"{scenario} needs the embedded AWS: mark its tests `embedded`.")
        return open_stage(self, environment, scenario, images)

    def terraform(self, stage: EmbeddedStage) -> Terraform:
        """Terraform, with the state of what was applied, to go on in a stage's world."""
        return terraform_of(self, stage)

    def beside(self, root: Path, repository: Path, name: str) -> Run:
        """A run over another tree: its steps are shown with this one's, under a name."""
        schedule = self.schedule.beside(name)
        return Run(
            root,
            self.contract,
            self.reports / name,
            self.environ,
            repository / self.policies.name,
            repository=repository,
            schedule=schedule,
        )

    @contextmanager
    def work(self, name: str) -> Iterator[None]:
        """A step that keeps a processor busy beside the scenarios: it takes a turn before them."""
        with self.turns.take(_FIRST), self.schedule.step(name):
            yield

    def close(self) -> None:
        """End every process of the run, remove its temporary folder, and what it made on AWS."""
        if self.base and (base := self.ended("base")):
            base.close()
        self.processes.stop()
        if self.aws:
            self.left_behind = self.aws.close()
        if future := self.schedule.find("world"):
            with suppress(Exception):
                future.result(timeout=60).stop()
        if folder := self.ended("workspace"):
            shutil.rmtree(folder, ignore_errors=True)

    def machine(self) -> dict[str, float]:
        """How many processors there are, and how slow they were: `Pace`'s two factors."""
        pace = yardstick.pace()
        processors = os.cpu_count() or 1
        return {
            "processors": processors,
            "slowness": round(pace.middle, 1),
            "worst_slowness": round(pace.worst, 1),
        }

    def notes(self) -> list[str]:
        """What the reader should know about how the run was done."""
        installation, policies = self.ended("installation"), self.ended("policies")
        notes = [note for ended in (installation, policies) if ended for note in ended.notes]
        left = (f"left behind: {thing}" for thing in self.left_behind)
        # Two jobs at the same time may have the same to say.
        return list(dict.fromkeys([*self.remarks, *notes, *left]))

    def where(self) -> dict[str, str]:
        """The target, its account and its region."""
        if self.aws is None:
            return {"target": "embedded", "account": ACCOUNT, "region": REGION}
        account, region = self.aws.identity.account, self.aws.region
        return {"target": "aws", "account": account, "region": region}

    def versions(self) -> dict[str, str]:
        """The versions of the Terraform and the checkov that were run; of neither if none was."""
        found: dict[str, str] = {}
        for environment in self.contract.environments:
            if plan := self.ended("shown", environment):
                found["terraform"] = plan["terraform_version"]
        if scans := self.ended("scanned"):
            found["checkov"] = scans["source"].version
        return found

    def path(self, environment: str) -> str:
        """The path of an environment's parameters."""
        return self.contract.parameter_path.format(environment=environment)

    def prefix(self, environment: str) -> str:
        """What every name of an environment's resources begins with."""
        return f"{self.contract.project}-{environment}"

    def ended(self, job: str, environment: str = "") -> Any:
        """A job's result if it was run and went well, else None."""
        future = self.schedule.find(job, environment)
        done = future is not None and future.done() and future.exception() is None
        return future.result() if future and done else None
