"""The runbooks, followed to the letter on an embedded AWS in production's shape."""

from __future__ import annotations

import ast
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.docs.runbooks import ENVIRONMENT, ROOT, Shell, another, blocks, fences, working_copy
from tests.kit import edit
from tests.provider import running
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.smoke.http_session import Session
from verification.engine.smoke.scenarios.backup import items, next_second, settings
from verification.engine.smoke.scenarios.helpers import TRIAL, refused, shorten, table, trial_of
from verification.engine.smoke.stage import EmbeddedStage
from verification.engine.system.processes import Processes

pytestmark = pytest.mark.slow

PREFIX = f"file-sharing-app-{ENVIRONMENT}"
PARAMETERS = f"/fileshare/{ENVIRONMENT}/"
BUCKET = "file-sharing-app-terraform-state"
TARGET = "https://example.com/kept"
COMMIT = "git -c user.name=operator -c user.email=operator@example.com commit --quiet --all"
CHANGES = re.compile(r"Plan: (\d+) to add, (\d+) to change, (\d+) to destroy")


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

    def tasks(self) -> int:
        """How many tasks the service wants."""
        return int(self.stage.deployment.service.describe()["desiredCount"])

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


def stage_of(world: EmbeddedAws, outputs: dict[str, Any], folder: Path) -> EmbeddedStage:
    """The service of a world, with an agent that runs its tasks."""
    (folder / "stage").mkdir()
    processes = Processes(folder / "logs")
    return EmbeddedStage(world, outputs, ENVIRONMENT, folder / "stage", processes, os.environ)


@pytest.fixture(scope="module")
def first(empty_aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[First]:
    """The runbook of the first deployment, followed to its end."""
    folder = working_copy(tmp_path_factory.mktemp("first"))
    with empty_aws.fork() as world, running(world.sealed(os.environ, folder)) as provider:
        world.enforce()
        shell = Shell(folder, world, provider)
        shell.command(f"git init --quiet && git add terraform && {COMMIT} --message first")
        said = {
            "state-bucket": shell.run("state-bucket"),
            "infrastructure": shell.run("infrastructure"),
            "parameters": shell.run("parameters"),
        }
        told = json.loads(shell.command(f"terraform -chdir={ROOT} output -json"))
        outputs = {name: value["value"] for name, value in told.items()}
        with stage_of(world, outputs, folder):
            said["first-image"] = shell.run("first-image")
            said["look"] = shell.run("look")
        yield First(folder, world, outputs, said)


@pytest.fixture
def operator(first: First, tmp_path: Path) -> Iterator[Operator]:
    """An operator of the deployed service, in a world and a working copy of their own."""
    with (
        first.world.fork() as world,
        running(world.sealed(os.environ, tmp_path)) as provider,
        stage_of(world, first.outputs, tmp_path) as stage,
    ):
        stage.deployment.wait_steady()
        yield Operator(Shell(another(first.folder, tmp_path), world, provider), stage)


def test_every_block_is_run() -> None:
    """Each block of the runbooks is one of bash, has a title of its own, and is run by a test."""
    untitled = [info for info, _ in fences() if not re.fullmatch(r"bash [a-z-]+", info)]
    assert untitled == []
    assert [title for title, n in Counter(i for i, _ in fences()).items() if n > 1] == []
    sources = [Path(__file__), Path(__file__).with_name("runbooks.py")]
    assert {title for source in sources for title in run_in(source)} == blocks().keys()


def run_in(source: Path) -> Iterator[str]:
    """The titles of the blocks that a file's code runs."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            arguments = [a.value for a in node.args if isinstance(a, ast.Constant)]
            if node.func.attr == "run" and arguments:
                yield str(arguments[0])


def test_first_deployment(first: First, operator: Operator) -> None:
    """Its state lies in a closed, versioned bucket, six parameters are there, tasks are healthy."""
    s3 = operator.client("s3")
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    closed = s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    assert set(closed.values()) == {True}
    state = s3.get_object(Bucket=BUCKET, Key=f"fileshare/{ENVIRONMENT}/terraform.tfstate")
    assert operator.tables["users"] in state["Body"].read().decode()
    assert first.said["parameters"].count(PARAMETERS) == 6
    assert first.said["look"].split() == ["healthy"] * 2 + ["ACTIVE"] * 2
    assert operator.variables()["USE_DYNAMODB"] == "true"
    operator.has_everything()
    operator.is_empty()


def test_daily_deploy(operator: Operator) -> None:
    """A change of Terraform and a new image reach every task, and nobody loses anything."""
    before = operator.variables()
    edit(operator.shell.tree / ROOT / "prod.tfvars", '= "INFO"', '= "ERROR"')
    operator.shell.command(f"{COMMIT} --message second")
    operator.run("changed-infrastructure")
    assert operator.variables() == before
    tasks = operator.stage.deployment.service.running()
    operator.run("deploy")
    assert operator.stage.deployment.service.running().isdisjoint(tasks)
    after = operator.variables()
    changed = {name: value for name, value in after.items() if before[name] != value}
    commit = operator.shell.command("git rev-parse HEAD").strip()
    assert changed == {"LOG_LEVEL": "ERROR", "image": after["image"]}
    assert after["image"].endswith(f"-backend:{commit}")
    operator.has_everything()
    operator.is_empty()


def test_quick_rollback(operator: Operator) -> None:
    """Up on SQLite in one task, which no apply undoes; and back, with every trial and link."""
    operator.run("suspend-scaling")
    operator.run("away")
    assert (operator.tasks(), operator.suspended()) == (1, {True})
    assert operator.user.get("/ready").status == 200
    assert trial_of(operator.user)["trial_used"] is False
    assert operator.user.post(TRIAL).status == 201
    held = operator.held()
    operator.is_empty()
    operator.run("back")
    operator.run("resume-scaling")
    assert (operator.tasks(), operator.suspended()) == (2, {False})
    assert operator.held() == held
    operator.has_everything()
    operator.is_empty()


def test_restore(operator: Operator) -> None:
    """A damaged and a deleted table come back with content and settings, and the service on them.

    Which is as before: the access policy names the tables as before, and nothing else changed.
    """
    held, were = operator.held(), described(operator)
    dynamodb, (users, urls) = operator.client("dynamodb"), operator.tables.values()
    when = next_second()
    dynamodb.delete_item(TableName=users, Key={"user_id": {"S": operator.user.user_id}})
    dynamodb.update_table(TableName=urls, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=urls)
    assert trial_of(operator.user)["trial_used"] is False

    operator.run("suspend-scaling")
    operator.run("stop-writes")
    assert operator.tasks() == 0
    operator.shell.command(f"TABLE={urls}")
    operator.run("deleted-table")
    operator.run("restore")
    operator.shell.command(f"TABLE={users} WHEN={when:%FT%TZ}")
    operator.run("point-in-time")
    assert items(dynamodb, f"{users}-restored") == held["users"] != operator.held()["users"]
    operator.run("remove-damaged")
    assert users not in dynamodb.list_tables()["TableNames"]
    operator.run("restore")
    assert operator.held() == held
    assert described(operator) != were
    assert changes(operator.run("settings-again")) == (0, 2, 0)
    assert (operator.held(), described(operator)) == (held, were)

    operator.run("go-on")
    operator.run("resume-scaling")
    operator.run("tidy")
    assert (operator.tasks(), operator.suspended()) == (2, {False})
    assert set(dynamodb.list_tables()["TableNames"]) == {users, urls}
    assert dynamodb.list_backups()["BackupSummaries"] == []
    operator.has_everything()
    operator.is_empty()


def changes(said: str) -> tuple[int, ...]:
    """How many resources Terraform said that it would add, change and destroy."""
    found = CHANGES.search(said)
    assert found is not None, said
    return tuple(map(int, found.groups()))


def described(operator: Operator) -> dict[str, Any]:
    """The settings of both tables."""
    return {
        key: settings(operator.client("dynamodb"), name) for key, name in operator.tables.items()
    }


def test_complete_rollback(operator: Operator) -> None:
    """In one apply it is refused, and everything can be put back; in two, the tables are gone."""
    operator.run("suspend-scaling")
    operator.run("away")
    held = operator.held()
    operator.run("last-copy")

    operator.run("remove-module")
    said = operator.run("remove-tables", 1)
    assert said.count("DeletionProtectionEnabled is set to True") == 2
    assert operator.held() == held
    operator.shell.command(f"git checkout --quiet {ROOT}")
    operator.run("changed-infrastructure")
    assert operator.held() == held
    operator.is_empty()

    assert changes(operator.run("unprotect")) == (0, 3, 0)
    assert operator.held() == held
    operator.run("remove-module")
    assert "module.dynamodb" not in operator.shell.command(f"cat {ROOT}/*.tf")
    operator.run("remove-tables")
    assert operator.client("dynamodb").list_tables()["TableNames"] == []
    operator.is_empty()
    saved = operator.client("dynamodb").list_backups()["BackupSummaries"]
    assert {made["TableName"] for made in saved} == set(operator.tables.values())

    operator.run("keep-the-switch")
    operator.run("deploy")
    assert operator.variables()["USE_DYNAMODB"] == "false"
    visitor = operator.stage.deployment.user("later")
    assert (visitor.get("/ready").status, visitor.post(TRIAL).status) == (200, 201)
