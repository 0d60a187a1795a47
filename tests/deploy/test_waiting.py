"""What a deployment says and exits with, however its rollout goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from backend import deploy
from tests.deploy.kit import CLUSTER, COMPLETED, NEW, SERVICE, Clock, ScriptedEcs, deployment
from tests.kit import wait_for

pytestmark = pytest.mark.slow

Scripted = Callable[..., ScriptedEcs]
Run = Callable[..., int]
BACK = "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1."
ROLLED_BACK = [
    deployment("back", rolloutState="COMPLETED", rolloutStateReason=BACK),
    deployment("new", "ACTIVE", rolloutState="FAILED", rolloutStateReason="tasks failed to start."),
]


def test_completed_deployment_exits_0(run: Run, scripted: Scripted, clock: Clock) -> None:
    """It waits while tasks start, and says what runs in the end."""
    going = [deployment("new", runningCount=0, desiredCount=1)]
    assert run(ecs=scripted(going, going, COMPLETED)) == deploy.EXIT_DEPLOYED
    assert clock.lines[-2].endswith("0 of 1 tasks run")
    assert clock.lines[-1] == f"{SERVICE} runs {NEW}, 1 task after 1 s."


def test_rollback_exits_1_though_the_service_is_stable(
    run: Run, scripted: Scripted, clock: Clock
) -> None:
    """A service that is stable on the old image is a failed deployment, with its reasons."""
    ecs = scripted([deployment("new")], ROLLED_BACK)
    ecs.events = [{"id": "2", "message": "task failed health checks"}]
    ecs.stopped = [
        {
            "taskArn": "arn:aws:ecs:x:task/c/abc",
            "stoppedReason": "Essential container in task exited",
            "containers": [{"exitCode": 4, "reason": "no memory"}],
        },
        {"taskArn": "arn:aws:ecs:x:task/c/of-old", "taskDefinitionArn": "family:1"},
    ]
    assert run(ecs=ecs) == deploy.EXIT_FAILED
    sentence, event, task = clock.lines[-3:]
    assert "was rolled back (tasks failed to start): the previous revision is running" in sentence
    assert event == "event: task failed health checks"
    assert task == "task abc: Essential container in task exited; exit code 4; no memory"


def test_another_deployment_in_between_exits_1(run: Run, scripted: Scripted, clock: Clock) -> None:
    """What another deployment brought is not what this one promised."""
    other = deployment("other", rolloutState="COMPLETED")
    assert run(ecs=scripted([deployment("new")], [other])) == deploy.EXIT_FAILED
    assert "was replaced by another one (the primary deployment is now other)" in clock.lines[-1]


def test_time_is_bounded_and_exits_4(run: Run, scripted: Scripted, clock: Clock) -> None:
    """A deployment that neither completes nor fails is given up after the time allowed."""
    began = clock.now
    assert run("--timeout", "120", ecs=scripted([deployment("new")])) == deploy.EXIT_TIMED_OUT
    assert 120 <= clock.now - began <= 126
    assert "did not complete in time" in clock.lines[-1]


def test_vanished_deployment_exits_1(run: Run, scripted: Scripted, clock: Clock) -> None:
    """A deployment that ECS lists no longer did not complete."""
    assert run(ecs=scripted([deployment("new")], [])) == deploy.EXIT_FAILED
    assert "was rolled back (ECS no longer lists the deployment)" in clock.lines[-1]


def test_first_deployment_has_nothing_to_go_back_to(
    run: Run, scripted: Scripted, clock: Clock, world: Any
) -> None:
    """On a service that never ran, it says so before, and what a failure means after."""
    world.client("ecs").update_service(cluster=CLUSTER, service=SERVICE, desiredCount=0)
    assert run(ecs=scripted([deployment("new", rolloutState="FAILED")])) == deploy.EXIT_FAILED
    assert clock.lines[0] == f"{SERVICE} has no completed deployment to roll back to."
    assert "no tasks are running; fix the cause" in clock.lines[-1]


def test_unreadable_tasks_do_not_hide_the_end(
    run: Run, scripted: Scripted, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rollback is reported even if its reasons cannot be read."""

    def refuse(**_: Any) -> None:
        raise ConnectTimeoutError(endpoint_url="ecs")

    ecs = scripted(ROLLED_BACK)
    monkeypatch.setattr(ecs, "list_tasks", refuse)
    assert run(ecs=ecs) == deploy.EXIT_FAILED
    assert clock.lines[-1].startswith("the stopped tasks cannot be read: ")


def test_losing_ecs_while_waiting_exits_3(
    run: Run, scripted: Scripted, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """What nobody watched to its end is not called deployed, nor failed."""
    ecs = scripted()
    answers = ecs.describe_services

    def refuse(**parameters: Any) -> Any:
        if ecs.updates:
            raise ConnectTimeoutError(endpoint_url="ecs")
        return answers(**parameters)

    monkeypatch.setattr(ecs, "describe_services", refuse)
    assert run(ecs=ecs) == deploy.EXIT_AWS
    assert "Deployment new continues, but its state is unknown" in capsys.readouterr().err


@pytest.mark.parametrize(("command", "code"), [("true", 0), ("false", deploy.EXIT_SMOKE)])
def test_smoke_command_decides_after_a_good_end(
    run: Run, command: str, code: int, clock: Clock
) -> None:
    """A deployment that serves wrongly has an exit code of its own."""
    assert run("--smoke", command) == code
    [said] = [line for line in clock.lines if line.startswith("smoke: ")]
    assert said.startswith("smoke: passed" if code == 0 else "smoke: failed")


def test_failed_smoke_tells_the_way_back(run: Run, clock: Clock, tmp_path: Path) -> None:
    """What failed its smoke test serves all the same; log and summary say how to go back."""
    page = tmp_path / "summary.md"
    run("--smoke", "false", environ={"GITHUB_STEP_SUMMARY": str(page)})
    back = (
        "serves repository:new all the same. If it must not, deploy what ran before: "
        "python -m backend.deploy --environment dev --image repository:running"
    )
    assert back in clock.lines[-1]
    assert back in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("reaction", ["touch {}; exit", ""], ids=["tidy", "deaf"])
def test_endless_smoke_command_ends_with_its_children(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reaction: str
) -> None:
    """It is asked to end with all that it started, may tidy up, and is killed where it does not."""
    monkeypatch.setattr(deploy, "SMOKE_SECONDS", 1.0)
    monkeypatch.setattr(deploy, "TIDY_SECONDS", 2.0)
    tidied, pid, script = (tmp_path / name for name in ("tidied", "pid", "smoke"))
    child = f"trap '{reaction.format(tidied)}' TERM; while :; do sleep 0.1; done"
    script.write_text(f'bash -c "{child}" & echo $! > {pid}; wait\n', encoding="utf-8")
    assert run("--smoke", f"bash {script}") == deploy.EXIT_SMOKE
    wait_for(lambda: not Path(f"/proc/{pid.read_text().strip()}").exists())
    assert tidied.exists() is bool(reaction)


def test_smoke_command_is_not_run_after_a_bad_end(
    run: Run, scripted: Scripted, clock: Clock
) -> None:
    """What runs after a rollback is the old image, which says nothing about the new one."""
    assert run("--smoke", "true", ecs=scripted(ROLLED_BACK)) == deploy.EXIT_FAILED
    assert not [line for line in clock.lines if line.startswith("smoke")]


def test_summary_has_outcome_and_reasons(run: Run, scripted: Scripted, tmp_path: Path) -> None:
    """GitHub's summary tells how it went, and why."""
    ecs = scripted(ROLLED_BACK)
    ecs.events = [{"id": "2", "message": "port 5000 refused"}]
    page = tmp_path / "summary.md"
    run(ecs=ecs, environ={"GITHUB_STEP_SUMMARY": str(page)})
    text = page.read_text(encoding="utf-8")
    assert "| Outcome | rolled back |" in text
    assert "event: port 5000 refused" in text
    assert "| Smoke | not run |" in text
