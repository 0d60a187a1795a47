"""One run: what every job shares, and who does each job once and in the background."""

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
# Of whole runs the middle was 3.4 to 4.2 on an idle machine, and 10 to 16 beside four busy loops.
_BUSY = 5.0
_FIRST = -1
_LONGEST_CLOSE = 600.0  # seconds that only a hang takes


def _places() -> int:
    """How many scenarios may run at a time: they wait as much as they work, but not on a busy
    machine."""
    processors = os.cpu_count() or 1
    return max(1, processors + 2 if yardstick.slowness() < _BUSY else processors // 2)


class Run:
    """Does jobs, each once, and ends what they started.

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
        self.versions: dict[str, str] = {}
        self.left_behind: list[str] = []
        self.worlds: list[EmbeddedAws] = []
        self.recording = Recording()
        self.schedule = schedule or Schedule(logs=reports / "logs")
        self.processes = Processes(reports / "logs")
        # Held while providers are downloaded: Terraform's cache folder bears one init at a time.
        self.downloading = Lock()
        self.turns = Turns(_places)
        self._jobs: dict[str, Job[..., Any]] = {}
        self._closing, self._ending, self._ended = ExitStack(), Lock(), False

    def start(self, job: Job[P, T], *args: P.args, **named: P.kwargs) -> Future[T]:
        """Start a job in the background, once; gives its future."""
        # Results are kept by name: another job of this name would be given this one's.
        if self._jobs.setdefault(job.name, job) is not job:
            raise ValueError(f"two jobs are called {job.name}")
        argument = "".join(map(str, (*args, *named.values())))
        return self.schedule.start(
            job.name, argument, lambda: self._do(lambda: job.function(self, *args, **named))
        )

    def _do(self, work: Callable[[], T]) -> T:
        """Do a job's work; where a world was lost, that is why it failed, whatever it says."""
        try:
            return work()
        except Exception as error:
            lost = next(filter(None, (world.lost() for world in self.worlds)), "")
            if lost:
                raise ToolError(lost) from error
            raise

    def get(self, job: Job[P, T], *args: P.args, **named: P.kwargs) -> T:
        """A job's result; starts the job if need be, and waits for it."""
        return self.start(job, *args, **named).result()

    def ended(self, job: Job[P, T], *args: P.args, **named: P.kwargs) -> T | None:
        """A job's result if it was run and went well, else None."""
        future = self.schedule.find(job.name, "".join(map(str, (*args, *named.values()))))
        done = future is not None and future.done() and future.exception() is None
        return future.result() if future and done else None

    def at_end(self, close: Callable[[], object]) -> None:
        """Have something closed when the run ends, what came last first; now, if it has ended."""
        with self._ending:
            if not self._ended:
                self._closing.callback(close)
                return
        close()

    def beside(self, root: Path, repository: Path, name: str) -> Run:
        """A run over another tree: its steps are shown with this one's, under a name."""
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
        """A step that keeps a processor busy beside the scenarios: it takes a turn before them."""
        with self.turns.take(_FIRST), self.schedule.step(name):
            yield

    def close(self) -> None:
        """End every process of the run, remove what it made on AWS, and all that jobs left.

        It gives up after some minutes: whoever waits for the end cannot break it off by a signal.
        """
        try:
            self.schedule.start("close", "", self._close).result(_LONGEST_CLOSE)
        except TimeoutError:
            self.left_behind.append(
                f"what the run started, for it did not end within {_LONGEST_CLOSE:.0f} s: look for "
                "processes of this repository and end them; the next run removes their folders"
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
        """How many processors there are, and how slow they were: `Pace`'s two factors."""
        pace = yardstick.pace()
        return Machine(os.cpu_count() or 1, round(pace.middle, 1), round(pace.worst, 1))

    def notes(self) -> list[str]:
        """What the reader should know about how the run was done."""
        left = (f"left behind: {thing}" for thing in self.left_behind)
        # Two jobs at the same time may have the same to say.
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
        """What every name of an environment's resources begins with."""
        return f"{self.contract.project}-{environment}"
