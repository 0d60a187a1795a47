"""A deployment with one mistake, really made and really used: the right check must notice."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.engine.aws.fargate.world import CLUSTER, IMAGES, SERVICE, configuration
from tests.engine.smoke.scenarios.small import CONTRACT, Base, SmallRun, allow, broken
from verification.checks.smoke import deployed_config as smoke_wiring
from verification.checks.smoke import deploys as smoke_deploys
from verification.checks.smoke import faults as smoke_faults
from verification.checks.smoke import trial as smoke_trial
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.smoke.scenarios import deploys, faults, trial
from verification.model.findings import Finding
from verification.model.verdict import Verdict

pytestmark = pytest.mark.slow


def failed(findings: Iterable[Finding]) -> list[str]:
    """What findings say that do not pass."""
    return [str(finding) for finding in findings if finding.verdict is not Verdict.PASS]


def without_update_item(world: EmbeddedAws) -> None:
    """Take one action from the task role, as somebody might in the policy."""
    allow(world, set(CONTRACT.access.actions) - {"dynamodb:UpdateItem"})


def without_rollback(world: EmbeddedAws) -> None:
    """Switch the circuit breaker off."""
    world.client("ecs").update_service(
        cluster=CLUSTER,
        service=SERVICE,
        deploymentConfiguration=configuration(rollback=False, enable=False),
    )


def asking_readiness(world: EmbeddedAws) -> None:
    """Let the load balancer ask a path that follows the store."""
    elb = world.client("elbv2")
    [group] = elb.describe_target_groups()["TargetGroups"]
    elb.modify_target_group(TargetGroupArn=group["TargetGroupArn"], HealthCheckPath="/ready")


def test_tasks_outlive_the_store(base: Base, tmp_path: Path) -> None:
    """An outage of DynamoDB ends no task: the health check is what the next test is about."""
    seen = faults.store_away(SmallRun(*base, tmp_path), "dev")
    assert not failed(smoke_faults.tasks_outlive_the_store(seen))
    assert not failed(smoke_faults.an_outage_is_admitted(seen))


def test_health_check_that_follows_the_store(base: Base, tmp_path: Path) -> None:
    """ECS replaces each task while DynamoDB is away, and the check says what to change."""
    seen = faults.store_away(SmallRun(*base, tmp_path, change=asking_readiness), "dev")
    said = "\n".join(failed(smoke_faults.tasks_outlive_the_store(seen)))
    assert "the targets: were unhealthy" in said
    assert "Set its path to one that does not depend on the store." in said


def test_hot_link_slows_no_other(base: Base, tmp_path: Path) -> None:
    """A link that DynamoDB throttles leaves other requests as they are."""
    seen = faults.hot_link(SmallRun(*base, tmp_path), "dev")
    assert not failed(smoke_faults.one_link_slows_no_other(seen, CONTRACT.load))


def test_adaptive_retries_slow_every_link(
    base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that slows itself for one key is slow for all, and the check says so."""
    monkeypatch.setattr(faults, "ROUNDS", 2)  # each takes seconds
    edits = {'"mode": "standard"': '"mode": "adaptive"'}
    backend = broken(tmp_path / "adaptive", "aws.py", edits)
    seen = faults.hot_link(SmallRun(*base, tmp_path, backend), "dev")
    said = "\n".join(failed(smoke_faults.one_link_slows_no_other(seen, CONTRACT.load)))
    assert "status: 0 of 2 requests failed" in said


def test_task_role_without_update_item(base: Base, tmp_path: Path) -> None:
    """No trial starts, and the check of permissions names the call that IAM refused."""
    seen = trial.trial(SmallRun(*base, tmp_path, change=without_update_item), "dev")
    [text] = failed(smoke_wiring.needs_no_more_than_it_has({"trial": seen.refused}))
    table = "arn:aws:dynamodb:us-east-1:123456789012:table/app-dev-users"
    assert f"IAM denied 1 kinds of call: dynamodb:UpdateItem on {table} as task." in text
    said = failed(smoke_trial.runs_thirty_days(seen))
    assert said[0].startswith("POST /api/me/trial: the answer is 503; expected 201.")


def test_bad_revision_is_rolled_back(base: Base, tmp_path: Path) -> None:
    """With the circuit breaker on, all is well: it is the breaker that the next test is about."""
    seen = deploys.bad_revision(SmallRun(*base, tmp_path), "dev")
    assert not failed(smoke_deploys.is_rolled_back(seen))
    assert not failed(smoke_deploys.nobody_notices("a bad revision", seen.traffic))


def test_circuit_breaker_off(base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bad revision is tried until the deploy gives up, and stays the service's."""
    monkeypatch.setattr(deploys, "DEPLOY_ENDS", 5.0)
    seen = deploys.bad_revision(SmallRun(*base, tmp_path, change=without_rollback), "dev")
    said = "\n".join(failed(smoke_deploys.is_rolled_back(seen)))
    assert "backend.deploy: the exit code is 4; expected 1." in said
    assert f"expected '{IMAGES}:first'. Enable rollback in deployment_circuit_breaker" in said
