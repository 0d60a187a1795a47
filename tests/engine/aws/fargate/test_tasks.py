"""A task of the ECS agent: what it sees, prints, keeps, and how it cannot start."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from tests.engine.aws.fargate.kit import Stage, eventually, image, staged
from tests.engine.aws.fargate.world import CLUSTER, LOGS, SERVICE, TRUST, build
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.errors import ToolError
from verification.engine.smoke.ecs_service import DeploymentFailed
from verification.engine.smoke.http_session import Answer, Session

pytestmark = pytest.mark.slow

# All that a task may see besides its definition's variables; LC_CTYPE is Python's own doing.
GIVEN = {
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_ENDPOINT_URL",
    "AWS_SHARED_CREDENTIALS_FILE",
    "ECS_CONTAINER_METADATA_URI_V4",
    "HOME",
    "PATH",
    "PORT",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONPATH",
    "PYTHONUNBUFFERED",
    "TMPDIR",
    *(p + s for p in ("HTTP", "HTTPS", "ALL") for s in ("_PROXY",)),
    *(p + s for p in ("http", "https", "all") for s in ("_proxy",)),
    "NO_PROXY",
    "no_proxy",
}
MAY_BE = {"LANG", "LD_LIBRARY_PATH", "LC_CTYPE", "SERVER_SOFTWARE"}


@pytest.fixture(name="base", scope="module")
def _base(empty_aws: EmbeddedAws) -> Iterator[EmbeddedAws]:
    with empty_aws.fork() as world:
        build(world, desired=1)
        yield world


@pytest.fixture(name="stage")
def _stage(base: EmbeddedAws, tmp_path: Path) -> Iterator[Stage]:
    with staged(base, tmp_path, {"good": image(tmp_path / "image")}) as stage:
        yield stage


def seen(stage: Stage) -> dict[str, str]:
    """The environment of a task."""
    found: dict[str, str] = json.loads(stage.get("/environ").body)
    return found


def test_environment_is_the_definitions(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task sees its definition's variables, what Fargate gives and the seal; nothing else."""
    monkeypatch.setenv("OUR_SECRET", "seen")
    stage.running(VERSION="1", AWS_REGION="us-east-1", AWS_ENDPOINT_URL="http://elsewhere")
    variables = seen(stage)
    assert set(variables) - MAY_BE - {"cwd"} == GIVEN | {"VERSION", "AWS_REGION"}
    assert (variables["VERSION"], variables["PORT"] == "5000") == ("1", False)
    assert variables["AWS_ENDPOINT_URL"] == stage.world.endpoint
    assert variables["HTTPS_PROXY"] == "http://127.0.0.1:9"
    assert variables["HOME"] == variables["cwd"]


def test_task_has_its_roles_credentials_only(stage: Stage) -> None:
    """Credentials come from the container endpoint, for the task's token, as the task's role."""
    stage.running()
    variables = seen(stage)
    assert not {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} & set(variables)
    address = variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
    fetched = credentials(address, variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"]).json()
    sts = boto3.client(
        "sts",
        region_name="us-east-1",
        endpoint_url=stage.world.endpoint,
        aws_access_key_id=fetched["AccessKeyId"],
        aws_secret_access_key=fetched["SecretAccessKey"],
        aws_session_token=fetched["Token"],
    )
    (task,) = stage.fargate.pids()
    assert sts.get_caller_identity()["Arn"].endswith(f":assumed-role/task/{task}")
    sts.close()
    assert credentials(address, "guess").status == 403


def credentials(address: str, token: str) -> Answer:
    """What the container endpoint answers to this token."""
    parts = urlsplit(address)
    session = Session(f"{parts.scheme}://{parts.netloc}")
    answer = session.get(parts.path, {"Authorization": token})
    session.close()
    return answer


def test_disk_dies_with_the_task(stage: Stage, tmp_path: Path) -> None:
    """What a task writes is there until it is replaced, and gone then."""
    stage.running()
    stage.get("/disk", "POST")
    assert "kept.txt" in str(stage.get("/disk").body)
    stage.service.redeploy(20)
    assert json.loads(stage.get("/disk").body) == []
    assert list(tmp_path.rglob("kept.*")) == []


def test_logs_become_streams(stage: Stage) -> None:
    """What a task prints is in the log stream that its definition names, and kept for reading."""
    stage.running(VERSION="7")
    (task,) = stage.fargate.pids()
    name = f"backend/backend/{task}"

    def events(last: str) -> Any:
        answer = stage.world.client("logs").get_log_events(logGroupName=LOGS, logStreamName=name)
        texts = [event["message"] for event in answer["events"]]
        return texts if last in texts else None

    for number in (1, 2, 3):
        stage.get(f"/print?{number}")
        texts = eventually(partial(events, f"asked for {number}"))
    assert "the image starts 7" in texts
    assert [text for text in texts if "asked" in text] == [f"asked for {n}" for n in (1, 2, 3)]
    assert {line.task for line in stage.fargate.logs() if line.text in texts} == {task}


def stopped(stage: Stage) -> dict[str, Any]:
    """A stopped task, as ECS describes it."""
    ecs = stage.world.client("ecs")
    asked = {"cluster": CLUSTER, "serviceName": SERVICE, "desiredStatus": "STOPPED"}
    (arn, *_) = eventually(lambda: ecs.list_tasks(**asked)["taskArns"])
    answer: dict[str, Any] = ecs.describe_tasks(cluster=CLUSTER, tasks=[arn])["tasks"][0]
    return answer


def test_unknown_image_cannot_be_pulled(stage: Stage) -> None:
    """The image that Terraform names before there is one fails as it does on AWS."""
    task = stopped(stage)
    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith("CannotPullContainerError: ")
    assert task["startedBy"] == stage.service.describe()["deployments"][0]["id"]


def test_missing_log_group_is_told(stage: Stage) -> None:
    """A task whose log group is missing cannot start."""
    eventually(lambda: stage.fargate.deployments()[0]["state"] == "FAILED")
    deployment = stage.deploy(group="/missing")
    eventually(lambda: stage.outcome(deployment) == "FAILED")
    reason = stage.fargate.tasks()[-1]["stoppedReason"]
    assert reason.startswith("ResourceInitializationError: failed to validate logger args")


@pytest.mark.parametrize("role", ["missing", "untrusting"])
def test_role_must_trust_ecs(stage: Stage, role: str) -> None:
    """A task whose role is missing, or trusts somebody else, cannot start."""
    iam = stage.world.client("iam")
    if role == "missing":
        iam.delete_role_policy(RoleName="task", PolicyName="access")
        iam.delete_role(RoleName="task")
    else:
        trust = TRUST.replace("ecs-tasks", "lambda")
        iam.update_assume_role_policy(RoleName="task", PolicyDocument=trust)
    deployment = stage.deploy()
    eventually(lambda: stage.outcome(deployment) == "FAILED")
    reason = stage.fargate.tasks()[-1]["stoppedReason"]
    assert reason.startswith("ECS was unable to assume the role ")


def test_exit_is_told(stage: Stage) -> None:
    """A program that ends by itself stops its task with its exit code."""
    eventually(lambda: stage.fargate.deployments()[0]["state"] == "FAILED")
    stage.deploy(CRASH="1")
    task = eventually(lambda: [t for t in stage.fargate.tasks() if t.get("startedAt")])[0]
    ended = eventually(
        lambda: [
            t
            for t in stage.fargate.tasks()
            if t["taskArn"] == task["taskArn"] and t["lastStatus"] == "STOPPED"
        ]
    )[0]
    assert ended["stoppedReason"] == "Essential container in task exited"
    assert ended["containers"][0]["exitCode"] != 0


WORDS = "; its last output: "


def test_dead_task_is_told_with_its_last_lines(stage: Stage) -> None:
    """Who is told that a task died is told what it printed last; ECS's own answer is as it was."""
    began = datetime.now(UTC)
    bad = stage.deploy(CRASH="1")
    with pytest.raises(DeploymentFailed) as failed:
        stage.service.wait_completed(bad, 40)
    (told,) = [why for why in dict.fromkeys(stage.service.died(began)) if WORDS in why]
    assert told.startswith("Essential container in task exited (exit code ")
    lines = told.split(WORDS)[1].split(" | ")
    assert len(lines) == 8
    assert lines[-1].endswith("App failed to load.") or "exiting" in lines[-1]
    assert all(len(line) <= 240 for line in lines)
    assert f"a task stopped: {told.split(WORDS)[0]}{WORDS}" in str(failed.value)
    with pytest.raises(
        ToolError, match=rf"did not reach a steady state .*a task stopped: .*{WORDS}"
    ):
        stage.service.wait_steady(0)
    assert WORDS not in str(stopped(stage))


def test_one_task_of_a_reason_is_told_with_its_lines(stage: Stage) -> None:
    """Many tasks that died alike are as many reasons, and one set of lines."""
    stage.running()
    began = datetime.now(UTC)
    stage.fargate.kill()
    eventually(lambda: stage.service.died(began))
    stage.service.wait_steady(20)
    stage.fargate.kill()
    told = eventually(lambda: why if len(why := stage.service.died(began)) > 1 else None)
    assert [why.split(WORDS)[0] for why in told] == [
        "Essential container in task exited (exit code 137)"
    ] * 2
    assert [WORDS in why for why in told] == [False, True]
    assert "Booting worker" in told[1]


def test_task_that_never_started_is_told(stage: Stage) -> None:
    """A task without a process has printed nothing; why it did not start is told."""
    with pytest.raises(ToolError) as failed:
        stage.service.wait_steady(3)
    assert "a task stopped: CannotPullContainerError: " in str(failed.value)
    assert WORDS not in str(failed.value)
