"""The target of a run: check the account, find the deployment, use it, and restore it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from verification.engine.aws.emulator.isolation import allowed
from verification.engine.smoke.account.credentials import (
    Account,
    Identity,
    identify,
    told_as_one_sentence,
)
from verification.engine.smoke.account.deployment import AwsDeployment
from verification.engine.smoke.account.discovery import (
    demand_application,
    discover,
    read_outputs,
)
from verification.engine.smoke.ecs_service import DeploymentFailed
from verification.engine.smoke.stage import RollOut
from verification.engine.system.processes import Completed, Processes
from verification.engine.terraform.cli import REPOSITORY
from verification.model.contract import Contract


@dataclass(frozen=True)
class Settings:
    """The target's options.

    Args:
        environment: the environment's name.
        accounts: the ids of accounts that may be written to.
        base_url: the application's URL; "" for its public URL.
        region: the stack's region; "" for that of the outputs or boto3.
        outputs: a file with Terraform's outputs as JSON; None to find them.
        read_only: whether only tests run that change nothing.
    """

    environment: str
    accounts: frozenset[str]
    base_url: str = ""
    region: str = ""
    outputs: Path | None = None
    read_only: bool = False


class AwsTarget:
    """The account, its deployment, and the stages of a run, one at a time.

    Args:
        settings: the target's options.
        contract: has the names of project, tables and parameters.
        environ: the user's environment; child processes get no credentials.
    """

    def __init__(self, settings: Settings, contract: Contract, environ: Mapping[str, str]) -> None:
        self.settings, self._contract, self._environ = settings, contract, environ
        self.identity = Identity("", "", "")
        self.region = settings.region
        self._deployment: AwsDeployment | None = None
        self._outputs: dict[str, Any] = {}
        self._began = datetime.now(UTC)
        # Scenarios share one deployment, so only one runs at a time.
        self._turn = Lock()

    def open(self) -> None:
        """Identify the account, and find the application; nothing is written.

        Raises:
            EnvironmentUnavailable: credentials are missing, the account is not allowed, or the
                application does not answer.
            ToolError: the deployment cannot be found.
        """
        settings, path = self.settings, self._contract.parameter_path
        path = path.format(environment=settings.environment)
        outputs = read_outputs(settings.outputs, path) if settings.outputs else {}
        region = settings.region or str(outputs.get("aws_region", ""))
        # boto3 reads only AWS_DEFAULT_REGION; containers and most tools use AWS_REGION.
        account = Account(region or self._environ.get("AWS_REGION", ""))
        self.region = account.region
        self.identity = identify(account.client, settings.accounts)
        with told_as_one_sentence():
            outputs = outputs or discover(account.client, self._contract, settings.environment)
        base_url = (settings.base_url or str(outputs["base_url"])).rstrip("/")
        demand_application(base_url, str(outputs["user_pool_id"]))
        self._outputs = outputs
        uploads = self._contract.uploads
        folders = ("uploads/", *(uploads.prefixes if uploads else ()))
        self._deployment = AwsDeployment(account.client, outputs, base_url, self._began, folders)

    @contextmanager
    def stage(self, folder: Path, processes: Processes) -> Iterator[AwsStage]:
        """The deployment, ready for requests, for one scenario at a time; a context manager."""
        assert self._deployment is not None
        folder.mkdir()
        environ = allowed(self._environ, folder) | {"PYTHONPATH": str(REPOSITORY)}
        with self._turn, told_as_one_sentence():
            self._deployment.wait_steady()
            try:
                yield AwsStage(
                    self._deployment, self._outputs, folder, processes, environ, self._began
                )
            finally:
                self._deployment.close()

    def close(self) -> list[str]:
        """Remove everything that the run created; returns what is left behind, by name."""
        return self._deployment.leave() if self._deployment else []


class AwsStage:
    """The deployment in an account, as scenarios use it.

    Args:
        deployment: the application, its users and its tasks.
        outputs: Terraform's outputs.
        folder: the stage's folder.
        processes: runs commands.
        environ: the complete environment of commands.
        began: the start of the run.
    """

    sealed = False
    watch = 10.0

    def __init__(
        self,
        deployment: AwsDeployment,
        outputs: Mapping[str, Any],
        folder: Path,
        processes: Processes,
        environ: Mapping[str, str],
        began: datetime,
    ) -> None:
        self.deployment, self.outputs, self.folder, self.began = deployment, outputs, folder, began
        self._processes, self._environ = processes, environ

    def client(self, service: str) -> Any:
        """A boto3 client with the user's credentials."""
        return self.deployment.client(service)

    def roll_out(self) -> RollOut:
        """Replace every task by a forced deployment of the same image."""
        ecs, revision = self.client("ecs"), self.deployment.service.describe()["taskDefinition"]
        told = ecs.describe_task_definition(taskDefinition=revision)["taskDefinition"]
        image = str(told["containerDefinitions"][0]["image"])
        try:
            said = f"deployment {self.deployment.force_redeploy()} completed"
        except DeploymentFailed as error:
            return RollOut(1, str(error), image)
        return RollOut(0, said, image)

    def run(
        self,
        command: Sequence[str],
        name: str,
        timeout: float,
        accept: frozenset[int] = frozenset({0}),
        environ: Mapping[str, str] | None = None,
    ) -> Completed:
        """Run a command in the stage's folder, without credentials; see `Processes.run`."""
        return self._processes.run(
            command,
            name=f"{name}-{self.folder.name}",
            directory=self.folder,
            environ=dict(self._environ) | dict(environ or {}),
            timeout=timeout,
            accept=accept,
        )
