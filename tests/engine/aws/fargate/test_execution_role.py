"""The execution role: ECS fetches secrets and image with it, and writes the log."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.engine.aws.fargate.kit import Stage, eventually, image, staged
from tests.engine.aws.fargate.world import (
    EXECUTION,
    EXECUTION_ROLE,
    IMAGES,
    LOGS,
    build,
    let_execute,
    register_with,
)
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.smoke.scenarios.helpers import denied

pytestmark = pytest.mark.slow

NAME = "/fileshare/dev/api_key"
SECRET = f"arn:aws:ssm:us-east-1:123456789012:parameter{NAME}"
READING = {"ssm:GetParameters": SECRET}
SESSION = "arn:aws:sts::123456789012:assumed-role/execution/embedded-ecs-agent"
RETRIEVAL = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
    "retrieval failed: unable to retrieve "
)
RETRIED = "service call has been retried 1 time(s): AccessDeniedException: "
REPOSITORY = EXECUTION["ecr:BatchGetImage"]
PULL = (
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve "
    f"ref {IMAGES}:good: AccessDeniedException: "
)
LOGGER = (
    "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 "
    "times: failed to create Cloudwatch log stream: AccessDeniedException: "
)
REFUSALS = {
    "ecr:GetAuthorizationToken": (f"{RETRIEVAL}ecr registry auth: {RETRIED}", "*"),
    "ssm:GetParameters": (f"{RETRIEVAL}secrets from ssm: {RETRIED}", SECRET),
    "ecr:BatchGetImage": (PULL, REPOSITORY),
    "ecr:BatchCheckLayerAvailability": (PULL, REPOSITORY),
    "ecr:GetDownloadUrlForLayer": (PULL, REPOSITORY),
    "logs:CreateLogStream": (
        LOGGER,
        f"arn:aws:logs:us-east-1:123456789012:log-group:{LOGS}:log-stream:",
    ),
}


@pytest.fixture(name="base", scope="module")
def _base(empty_aws: EmbeddedAws) -> Iterator[EmbeddedAws]:
    with empty_aws.fork() as world:
        build(world, desired=1)
        ssm = world.client("ssm")
        ssm.put_parameter(Name=NAME, Value="s3cret", Type="SecureString")
        world.enforce()
        yield world


@pytest.fixture(name="stage")
def _stage(base: EmbeddedAws, tmp_path: Path) -> Iterator[Stage]:
    with staged(base, tmp_path, {"good": image(tmp_path / "image")}) as stage:
        yield stage


def deploy(stage: Stage, grants: Mapping[str, str], role: str | None = EXECUTION_ROLE) -> str:
    """Deploy a revision with a secret, with an execution role that may do this; gives its id."""
    let_execute(stage.world, grants)
    revision = register_with(stage.world, "good", {"API_KEY": SECRET}, role)
    return stage.service.update(taskDefinition=revision)


def stopped(stage: Stage, deployment: str) -> str:
    """Why the last task of a failed deployment stopped."""
    eventually(lambda: stage.outcome(deployment) == "FAILED")
    tasks = [task for task in stage.fargate.tasks() if task["startedBy"] == deployment]
    return str(tasks[-1]["stoppedReason"])


def test_a_task_starts_with_what_it_needs(stage: Stage) -> None:
    """With exactly these permissions a task starts, and has its secret and its log."""
    stage.service.wait_completed(deploy(stage, {**EXECUTION, **READING}), 20)
    assert json.loads(stage.get("/environ").body)["API_KEY"] == "s3cret"
    (task,) = stage.fargate.pids()
    logs, stream = stage.world.client("logs"), f"backend/backend/{task}"
    asked = {"logGroupName": LOGS, "logStreamName": stream}
    eventually(lambda: logs.get_log_events(**asked)["events"])
    calls = [one for call in stage.world.calls() for one in call.asked]
    assert {action for role, action, _ in calls if role == EXECUTION_ROLE} == {
        *EXECUTION,
        *READING,
    }


@pytest.mark.parametrize("action", REFUSALS)
def test_what_it_may_not_do_is_the_reason(stage: Stage, action: str) -> None:
    """A task that lacks one permission does not start; the reason has role, action and resource."""
    grants = {**EXECUTION, **READING}
    del grants[action]
    reason = stopped(stage, deploy(stage, grants))
    words, resource = REFUSALS[action]
    user = f"{words}User: {SESSION} is not authorized to perform: {action} on resource: {resource}"
    assert reason.startswith(user), reason
    assert f"because no identity-based policy allows the {action} action" in reason


def test_another_secret_is_not_granted(stage: Stage) -> None:
    """Leave to read one parameter is none to read the next."""
    other = {"ssm:GetParameters": f"{SECRET}_old"}
    assert "ssm:GetParameters on resource" in stopped(stage, deploy(stage, {**EXECUTION, **other}))


def test_a_missing_secret_is_told(stage: Stage) -> None:
    """A parameter that is not there stops the task, with its name."""
    stage.world.client("ssm").delete_parameter(Name=NAME)
    reason = stopped(stage, deploy(stage, {**EXECUTION, **READING}))
    assert reason == f"{RETRIEVAL}secrets from ssm: invalid parameters: {NAME}"


def test_a_role_must_be_named(stage: Stage) -> None:
    """Without an execution role ECS can fetch nothing."""
    reason = stopped(stage, deploy(stage, {**EXECUTION, **READING}, role=None))
    assert reason.startswith("Fargate requires task definition to have execution role ARN")


def test_lines_that_may_not_be_written_are_told(stage: Stage) -> None:
    """A task without leave to write its log runs, as on AWS; the calls that failed are named."""
    grants = {**EXECUTION, **READING}
    del grants["logs:PutLogEvents"]
    stage.service.wait_completed(deploy(stage, grants), 20)
    (said,) = eventually(lambda: denied(stage.world.calls()))
    streams = f"arn:aws:logs:us-east-1:123456789012:log-group:{LOGS}:log-stream:backend/backend/"
    assert said.startswith(f"logs:PutLogEvents on {streams}")
    assert said.endswith(" as execution")
