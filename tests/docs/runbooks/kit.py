"""Who follows the runbooks: an operator with a shell, a deployed service, and a user of it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.docs.runbooks.shell import ENVIRONMENT, Shell
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.smoke.http_session import Session
from verification.engine.smoke.scenarios.backup import items, settings
from verification.engine.smoke.scenarios.helpers import TRIAL, refused, shorten, table, trial_of
from verification.engine.smoke.stage import EmbeddedStage
from verification.engine.system.processes import Processes

PREFIX = f"file-sharing-app-{ENVIRONMENT}"
SERVICE = {"cluster": PREFIX, "service": f"{PREFIX}-backend"}
USERS, URLS = f"{PREFIX}-users", f"{PREFIX}-urls"
TARGET = "https://example.com/kept"
COMMIT = "git -c user.name=operator -c user.email=operator@example.com commit --quiet --all"
_CHANGES = re.compile(r"Plan: (\d+) to add, (\d+) to change, (\d+) to destroy")


@dataclass(frozen=True)
class First:
    """The first deployment: its working copy and world, Terraform's outputs, what was printed."""

    folder: Path
    world: EmbeddedAws
    outputs: dict[str, Any]
    said: dict[str, str]


class Operator:
    """Someone with a shell, the deployed service, and a user with a running trial and a link."""

    def __init__(self, shell: Shell, stage: EmbeddedStage) -> None:
        self.shell, self.stage = shell, stage
        self.run, self.client = shell.run, stage.world.client
        self.user: Session = stage.deployment.user("kept")
        assert self.user.post(TRIAL).status == 201
        self.trial = trial_of(self.user)
        self.code = shorten(self.user, TARGET, expires_at="2030-01-31T12:00:00Z")
        self.tables = {key: table(stage, key) for key in ("users", "urls")}

    def is_empty(self) -> None:
        """A plan has nothing to do."""
        assert "No changes." in self.run("nothing-left")

    def has_everything(self) -> None:
        """The user has the trial and the link, and IAM refused the backend nothing."""
        self.stage.deployment.wait_steady()
        click = self.user.get(f"/{self.code}")
        assert trial_of(self.user) == self.trial
        assert (click.status, click.headers["location"]) == (302, TARGET)
        assert refused(self.stage) == ()

    def held(self) -> dict[str, dict[str, Any]]:
        """Every item of both tables, by key."""
        return {key: items(self.client("dynamodb"), name) for key, name in self.tables.items()}

    def settings(self) -> dict[str, Any]:
        """The settings of both tables."""
        return {key: settings(self.client("dynamodb"), name) for key, name in self.tables.items()}

    def tasks(self) -> int:
        """How many tasks the service wants."""
        return desired(self.stage.world)

    def suspended(self) -> set[bool]:
        """Whether each way of scaling is suspended."""
        scaling = self.client("application-autoscaling")
        (target,) = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
        return set(target["SuspendedState"].values())

    def variables(self) -> dict[str, str]:
        """The variables of the running revision."""
        revision = self.stage.deployment.service.describe()["taskDefinition"]
        told = self.client("ecs").describe_task_definition(taskDefinition=revision)
        (container,) = told["taskDefinition"]["containerDefinitions"]
        return {one["name"]: one["value"] for one in container["environment"]} | {
            "image": container["image"]
        }


def desired(world: EmbeddedAws) -> int:
    """How many tasks the service of a world wants."""
    answer = world.client("ecs").describe_services(
        cluster=SERVICE["cluster"], services=[SERVICE["service"]]
    )
    return int(answer["services"][0]["desiredCount"])


def changes(said: str) -> tuple[int, ...]:
    """How many resources Terraform said that it would add, change and destroy."""
    found = _CHANGES.search(said)
    assert found is not None, said
    return tuple(map(int, found.groups()))


def stage_of(world: EmbeddedAws, outputs: dict[str, Any], folder: Path) -> EmbeddedStage:
    """The service of a world, with an agent that runs its tasks."""
    (folder / "stage").mkdir()
    processes = Processes(folder / "logs")
    return EmbeddedStage(world, outputs, ENVIRONMENT, folder / "stage", processes, os.environ)


def back_up(world: EmbeddedAws, name: str) -> str:
    """A backup of a table as AWS Backup makes it by schedule; gives its recovery point."""
    told = world.client("dynamodb").describe_table(TableName=name)["Table"]
    role = world.client("iam").get_role(RoleName=f"{PREFIX}-dynamodb-backup")["Role"]["Arn"]
    made = world.client("backup").start_backup_job(
        BackupVaultName=f"{PREFIX}-dynamodb", ResourceArn=told["TableArn"], IamRoleArn=role
    )
    return str(made["RecoveryPointArn"])
