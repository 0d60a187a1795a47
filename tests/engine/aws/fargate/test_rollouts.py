"""Deployments by the ECS agent: rolling, rolled back, stuck, scaled, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.aws.fargate.kit import Stage, children, clients, eventually, image, staged
from tests.engine.aws.fargate.world import CLUSTER, SERVICE, build, configuration
from tests.kit import HANG, REPOSITORY
from verification.engine.aws.emulator import EmbeddedAws, launch
from verification.engine.aws.fargate import Fargate, agent
from verification.engine.smoke.ecs_service import DeploymentFailed

pytestmark = pytest.mark.slow

ROOT = REPOSITORY
OWNER = """
import sys, time
from pathlib import Path
from tests.engine.aws.fargate.kit import eventually, image, staged
from tests.engine.aws.fargate.world import build
from verification.engine.aws.emulator import EmbeddedAws
work = Path(sys.argv[1])
with EmbeddedAws.start() as base:
    build(base)
    with staged(base, work, {"good": image(work / "image")}) as stage:
        stage.running()
        print(base.pid, *stage.fargate.pids().values(), flush=True)
        time.sleep(60)
"""


@pytest.fixture(name="base", scope="module")
def _base(
    empty_aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EmbeddedAws]:
    """A world in which version 1 was deployed; every test's fork continues from there."""
    work = tmp_path_factory.mktemp("base")
    with empty_aws.fork() as world:
        build(world)
        with Fargate(
            world, CLUSTER, SERVICE, work=work, images={"good": image(work / "image")}
        ) as fargate:
            Stage(world, fargate).running(VERSION="1")
        yield world


@pytest.fixture(name="stage")
def _stage(base: EmbeddedAws, tmp_path: Path) -> Iterator[Stage]:
    """A fork of it, whose tasks run."""
    with staged(base, tmp_path, {"good": image(tmp_path / "image")}) as stage:
        stage.service.wait_steady(20)
        yield stage


def version(stage: Stage) -> str:
    """Which version answers."""
    return stage.get("/").body.decode()


def events(stage: Stage) -> str:
    """What the service's events say, the oldest first."""
    return "\n".join(event["message"] for event in reversed(stage.service.describe()["events"]))


def test_fork_continues_where_it_was(stage: Stage) -> None:
    """An agent on a fork runs what had completed before, without another deployment."""
    assert version(stage) == "1"
    (deployment,) = stage.service.describe()["deployments"]
    assert (deployment["rolloutState"], deployment["runningCount"]) == ("COMPLETED", 2)


def test_rolling_deployment_loses_no_request(stage: Stage) -> None:
    """Ten clients that never pause see no failure while every task is replaced."""
    before = stage.service.running()
    with clients(stage.fargate.base_url, 10) as problems:
        deployment = stage.running(VERSION="2")
    assert problems == []
    assert version(stage) == "2"
    assert not before & stage.service.running()
    assert f"(deployment {deployment}) deployment completed." in events(stage)


def test_forced_deployment_replaces_every_task(stage: Stage) -> None:
    """A new deployment of the same revision has another id and only new tasks."""
    (before,) = stage.service.describe()["deployments"]
    deployment = stage.service.redeploy(20)
    (after,) = stage.service.describe()["deployments"]
    assert (before["id"], before["taskDefinition"]) != (after["id"], after["taskDefinition"])
    assert (after["id"], after["taskDefinition"]) == (deployment, before["taskDefinition"])


@pytest.mark.parametrize("fault", ["CRASH", "NEVER_READY"])
def test_bad_revision_is_rolled_back(
    stage: Stage, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A revision that crashes or never is ready fails, and the last good one is deployed again."""
    monkeypatch.setattr(agent, "LEAST_GRACE", 1.0)
    stage.service.update(healthCheckGracePeriodSeconds=0)
    (good,) = stage.service.describe()["deployments"]
    with clients(stage.fargate.base_url, 2) as problems:
        bad = stage.deploy(VERSION="2", **{fault: "1"})
        with pytest.raises(DeploymentFailed, match="circuit breaker: tasks failed to start"):
            stage.service.wait_completed(bad, 40)
        stage.service.wait_steady(20)
    assert problems == []
    (back,) = stage.service.describe()["deployments"]
    assert stage.outcome(bad) == "FAILED"
    assert (back["rolloutState"], back["taskDefinition"]) == ("COMPLETED", good["taskDefinition"])
    assert back["id"] not in (bad, good["id"])
    assert version(stage) == "1"
    assert f"rolling back to deployment {good['id']}." in events(stage)


def test_states_during_a_rollback(stage: Stage) -> None:
    """While it is rolled back, the failed deployment is listed behind its successor."""
    (good,) = stage.service.describe()["deployments"]
    bad = stage.deploy(CRASH="1")

    def rolling_back() -> Any:
        listed = stage.service.describe()["deployments"]
        return listed if listed[0]["id"] not in (bad, good["id"]) else None

    primary, failed, *_ = eventually(rolling_back, 20)
    assert primary["rolloutState"] == "IN_PROGRESS"
    assert primary["rolloutStateReason"] == (
        f"ECS deployment circuit breaker: rolling back to deploymentId {good['id']}."
    )
    assert (failed["id"], failed["status"], failed["rolloutState"]) == (bad, "ACTIVE", "FAILED")
    assert failed["failedTasks"] >= 3


@pytest.mark.parametrize("enable", [True, False], ids=["no-rollback", "no-breaker"])
def test_without_rollback_it_stays_as_it_is(stage: Stage, enable: bool) -> None:
    """Without rollback a bad deployment stays primary: failed, or without a breaker for ever."""
    stage.service.update(deploymentConfiguration=configuration(rollback=False, enable=enable))
    bad = stage.deploy(CRASH="1")
    state = "FAILED" if enable else "IN_PROGRESS"
    eventually(
        lambda: stage.service.describe()["deployments"][0]["failedTasks"] >= (3 if enable else 4),
    )
    time.sleep(1)  # Nothing must happen any more.
    primary, old = stage.service.describe()["deployments"]
    assert (primary["id"], primary["rolloutState"]) == (bad, state)
    assert (old["status"], old["runningCount"], version(stage)) == ("ACTIVE", 2, "1")


def test_killed_task_is_replaced(stage: Stage) -> None:
    """A task that dies is told as such, and another is started by the same deployment."""
    (deployment,) = stage.service.describe()["deployments"]
    killed = stage.fargate.kill()
    eventually(lambda: killed not in " ".join(stage.service.running()))
    stage.service.wait_steady(20)
    assert len(stage.service.running()) == 2
    ended = stage.world.client("ecs").describe_tasks(cluster=CLUSTER, tasks=[killed])["tasks"][0]
    assert (ended["lastStatus"], ended["containers"][0]["exitCode"]) == ("STOPPED", 137)
    assert ended["startedBy"] == deployment["id"]
    assert stage.service.describe()["deployments"][0]["id"] == deployment["id"]


def test_user_can_stop_a_task(stage: Stage) -> None:
    """StopTask drains and ends a task, with the user's reason, and it is replaced."""
    task = sorted(stage.service.running())[0]
    stage.service.stop_task(task, "because")
    eventually(lambda: task not in stage.service.running())
    stage.service.wait_steady(20)
    ended = stage.world.client("ecs").describe_tasks(cluster=CLUSTER, tasks=[task])["tasks"][0]
    assert (ended["stopCode"], ended["stoppedReason"]) == ("UserInitiated", "because")


def test_scaling_out_and_in(stage: Stage) -> None:
    """The desired count is followed up and down, without a deployment."""
    (before,) = stage.service.describe()["deployments"]
    for count in (4, 1):
        stage.service.update(desiredCount=count)
        stage.service.wait_steady(20)
        assert len(stage.service.running()) == count
        assert len(eventually(lambda: stage.fargate.pids())) >= count
    (after,) = stage.service.describe()["deployments"]
    assert before["id"] == after["id"]


def test_draining_lets_a_request_finish(stage: Stage) -> None:
    """A request of two seconds that began before its task was replaced gets its answer."""
    answers: list[str] = []
    slow = [
        threading.Thread(target=lambda: answers.append(stage.get("/slow").body.decode()))
        for _ in range(2)
    ]
    for thread in slow:
        thread.start()
    targets = stage.fargate._balancer.targets
    eventually(lambda: sum(target.in_flight for target in targets.all()) == 2)
    stage.service.redeploy(20)
    for thread in slow:
        thread.join()
    assert answers == ["1", "1"]


def test_world_shows_target_health(stage: Stage) -> None:
    """DescribeTargetHealth tells the targets that there are."""
    group = stage.service.describe()["loadBalancers"][0]["targetGroupArn"]
    answer = stage.world.client("elbv2").describe_target_health(TargetGroupArn=group)
    states = [t["TargetHealth"]["State"] for t in answer["TargetHealthDescriptions"]]
    assert states == list(stage.fargate.target_health().values()) == ["healthy"] * 2


def test_without_an_agent_updates_complete_at_once(base: EmbeddedAws) -> None:
    """Where no agent is attached, Terraform's updates are settled as before."""
    world = base.fork()
    answer = world.client("ecs").update_service(
        cluster=CLUSTER, service=SERVICE, desiredCount=3, forceNewDeployment=True
    )
    service = answer["service"]
    assert (service["runningCount"], service["deployments"][0]["rolloutState"]) == (3, "COMPLETED")
    world.stop()


def test_stop_leaves_nothing(base: EmbeddedAws, tmp_path: Path) -> None:
    """Stopping the agent ends every process it started and deletes the tasks' disks."""
    with staged(base, tmp_path, {"good": image(tmp_path / "image")}) as stage:
        stage.service.wait_steady(20)
        pids = [*stage.fargate.pids().values()]
        workers = [pid for parent in pids for pid in children(parent)]
        stage.fargate.stop()
    assert len(pids) == len(workers) == 2
    assert all(launch.gone(pid, timeout=HANG) for pid in pids + workers)
    assert not (tmp_path / "tasks").exists()


def test_killed_owner_leaves_no_task(tmp_path: Path) -> None:
    """Tasks end by themselves when the process that runs the agent is killed."""
    environ = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", OWNER, str(tmp_path)]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        pids = [int(pid) for pid in owner.stdout.readline().split()]
        pids += [pid for parent in pids[1:] for pid in children(parent)]
        owner.send_signal(signal.SIGKILL)
    assert len(pids) == 5
    assert all(launch.gone(pid, timeout=HANG) for pid in pids)
