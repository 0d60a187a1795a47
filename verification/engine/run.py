"""One run: what every job shares, and who does each job once and in the background."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Any

from verification.engine.fargate import Images, repository_image
from verification.engine.jobs import JOBS
from verification.engine.jobs.smoke import open_stage
from verification.engine.processes import Processes
from verification.engine.schedule import Schedule
from verification.engine.stage import Stage
from verification.model.contract import Contract


class Run:
    """Does the jobs of `verification.engine.jobs`, each once, and ends what they started.

    Args:
        terraform_root: the folder that holds `environments/` and `modules/`.
        contract: what the stack must be.
        reports: where logs and screenshots go.
        environ: the user's environment; hardly anything of it reaches a child process.
    """

    def __init__(
        self, terraform_root: Path, contract: Contract, reports: Path, environ: Mapping[str, str]
    ) -> None:
        self.root = terraform_root.resolve()
        self.contract, self.reports, self.environ = contract, reports, environ
        self.schedule = Schedule()
        self.processes = Processes(reports / "logs")
        # Held while providers are downloaded: Terraform's cache folder bears one init at a time.
        self.downloading = Lock()
        # Scenarios measure and wait: many more of them than processors would disturb each other.
        self.turns = BoundedSemaphore((os.cpu_count() or 1) + 1)

    def start(self, job: str, environment: str = "") -> Future[Any]:
        """Start a job in the background, once; gives its future."""
        arguments = (environment,) if JOBS[job].per_environment else ()
        return self.schedule.start(
            job, "".join(arguments), lambda: JOBS[job].function(self, *arguments)
        )

    def get(self, job: str, environment: str = "") -> Any:
        """A job's result; starts the job if need be, and waits for it."""
        return self.start(job, environment).result()

    def stage(
        self, environment: str, scenario: str, images: Images = repository_image
    ) -> AbstractContextManager[Stage]:
        """A deployed backend in a fork of its own, ready for requests; ends with the block."""
        return open_stage(self, environment, scenario, images)

    def close(self) -> None:
        """End every process of the run and remove its temporary folder."""
        self.processes.stop()
        if future := self.schedule.find("world"):
            with suppress(Exception):
                future.result(timeout=60).stop()
        if folder := self._ended("workspace"):
            shutil.rmtree(folder, ignore_errors=True)

    def notes(self) -> list[str]:
        """What the reader should know about how the run was done."""
        installation = self._ended("installation")
        return list(installation.notes) if installation else []

    def versions(self) -> dict[str, str]:
        """The version of the Terraform that was run; nothing if none was."""
        ended = (self._ended("planned_stack", name) for name in self.contract.environments)
        found = next((stack for stack in ended if stack), None)
        return {"terraform": found.terraform} if found else {}

    def path(self, environment: str) -> str:
        """The path of an environment's parameters."""
        return self.contract.parameter_path.format(environment=environment)

    def prefix(self, environment: str) -> str:
        """What every name of an environment's resources begins with."""
        return f"{self.contract.project}-{environment}"

    def _ended(self, job: str, environment: str = "") -> Any:
        """A job's result if it was run and went well, else None."""
        future = self.schedule.find(job, environment)
        done = future is not None and future.done() and future.exception() is None
        return future.result() if future and done else None
