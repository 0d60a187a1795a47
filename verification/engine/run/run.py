"""One run: shared settings, and its jobs, each executed once in the background."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any

from verification.engine.aws.emulator import ACCOUNT, REGION, EmbeddedAws
from verification.engine.errors import ToolError
from verification.engine.run.registry import Job, P, T
from verification.engine.run.schedule import Schedule, Turns
from verification.engine.smoke.account import AwsTarget
from verification.engine.smoke.call_recording import Recording
from verification.engine.system import yardstick
from verification.engine.system.git import Base
from verification.engine.system.processes import Processes
from verification.engine.terraform.cli import REPOSITORY
from verification.model.contract import Contract
from verification.model.run_facts import Machine, Where

POLICIES = REPOSITORY / "policies"
# In complete runs the median was 3.4 to 4.2 on an idle machine, and 10 to 16 on a busy one.
_BUSY = 5.0
_FIRST = -1
_LONGEST_CLOSE = 600.0  # seconds; reached only by a hang


def _places() -> int:
    """The number of parallel scenarios: they mostly wait, but not on a busy machine."""
    processors = os.cpu_count() or 1
    return max(1, processors + 2 if yardstick.slowness() < _BUSY else processors // 2)


class Run:
    """Executes jobs, each once, and ends everything that they started.

    Args:
        terraform_root: the folder with `environments/` and `modules/`.
        contract: the contract.
        reports: the folder for logs and screenshots.
        environ: the user's environment; child processes get only a small part of it.
        policies: the folder of policies, decisions and waivers.
        base: the base of the change; None without one.
        repository: the repository whose backend is deployed.
        schedule: the schedule of the jobs; a new one by default.
        aws: the account of the smoke rung's deployment; None for the embedded AWS.
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
        self.versions: dict[str, str] = {}
        self.left_behind: list[str] = []
        self.worlds: list[EmbeddedAws] = []
        self.recording = Recording()
        self.schedule = schedule or Schedule(logs=reports / "logs")
        self.processes = Processes(reports / "logs")
        # Held while providers are downloaded: Terraform's cache folder allows one init at a time.
        self.downloading = Lock()
        self.turns = Turns(_places)
        self._jobs: dict[str, Job[..., Any]] = {}
        self._closing, self._ending, self._ended = ExitStack(), Lock(), False

    def start(self, job: Job[P, T], *args: P.args, **named: P.kwargs) -> Future[T]:
        """Start a job in the background, once; returns its future."""
        # Results are stored by name, so names must be unique.
        if self._jobs.setdefault(job.name, job) is not job:
            raise ValueError(f"there are two jobs {job.name}")
        argument = "".join(map(str, (*args, *named.values())))
        return self.schedule.start(
            job.name, argument, lambda: self._do(lambda: job.function(self, *args, **named))
        )

    def _do(self, work: Callable[[], T]) -> T:
        """Execute a job; if an embedded AWS stopped meanwhile, raise that as the reason."""
        try:
            return work()
        except Exception as error:
            lost = next(filter(None, (world.lost() for world in self.worlds)), "")
            if lost:
                raise ToolError(lost) from error
            raise

    def get(self, job: Job[P, T], *args: P.args, **named: P.kwargs) -> T:
        """A job's result; starts the job if needed, and waits for it."""
        return self.start(job, *args, **named).result()

    def ended(self, job: Job[P, T], *args: P.args, **named: P.kwargs) -> T | None:
        """A job's result if it has succeeded, else None."""
        future = self.schedule.find(job.name, "".join(map(str, (*args, *named.values()))))
        done = future is not None and future.done() and future.exception() is None
        return future.result() if future and done else None

    def at_end(self, close: Callable[[], object]) -> None:
        """Register a function to call when the run ends, in reverse order; now, if it has ended."""
        with self._ending:
            if not self._ended:
                self._closing.callback(close)
                return
        close()

    def beside(self, root: Path, repository: Path, name: str) -> Run:
        """A run on another tree; its steps are shown with this one's, with a prefix."""
        schedule = self.schedule.beside(name)
        made = Run(
            root,
            self.contract,
            self.reports / name,
            self.environ,
            repository / self.policies.name,
            repository=repository,
            schedule=schedule,
        )
        made.worlds = self.worlds
        return made

    @contextmanager
    def work(self, name: str) -> Iterator[None]:
        """A CPU-bound step in parallel to the scenarios; it has priority over them."""
        with self.turns.take(_FIRST), self.schedule.step(name):
            yield

    def close(self) -> None:
        """End all processes, and remove what the run created on AWS and in temporary folders.

        Bounded in time, because signals are ignored meanwhile.
        """
        try:
            self.schedule.start("close", "", self._close).result(_LONGEST_CLOSE)
        except TimeoutError:
            self.left_behind.append(
                f"processes of the run, which did not end within {_LONGEST_CLOSE:.0f} s: end the "
                "processes of this repository by hand; the next run removes their folders"
            )

    def _close(self) -> None:
        self.processes.stop()
        if self.aws:
            self.left_behind = self.aws.close()
        with self._ending:
            self._ended = True
        with suppress(Exception):
            self._closing.close()

    def machine(self) -> Machine:
        """The number of processors, and the slowness factors of `Pace`."""
        pace = yardstick.pace()
        return Machine(os.cpu_count() or 1, round(pace.middle, 1), round(pace.worst, 1))

    def notes(self) -> list[str]:
        """Notes for the reader on how the run was executed."""
        left = (f"left behind: {thing}" for thing in self.left_behind)
        # Parallel jobs may have the same note.
        return list(dict.fromkeys([*self.remarks, *left]))

    def where(self) -> Where:
        """The target, its account and its region."""
        if self.aws is None:
            return Where("embedded", ACCOUNT, REGION)
        return Where("aws", self.aws.identity.account, self.aws.region)

    def path(self, environment: str) -> str:
        """The path of an environment's parameters."""
        return self.contract.parameter_path.format(environment=environment)

    def prefix(self, environment: str) -> str:
        """The prefix of all names of an environment's resources."""
        return f"{self.contract.project}-{environment}"
