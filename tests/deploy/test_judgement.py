"""How the end of a deployment is told from ECS's list of deployments."""

from __future__ import annotations

from typing import Any

import pytest

from backend.deployment.rollout import STALE_SECONDS, Outcome, Started, has_fallback, judge
from tests.deploy.kit import Deployment, deployment

STARTED = Started("new", "family:2", frozenset({"old"}), frozenset(), has_fallback=True)
BACK = "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1."
OLD = deployment("old", "ACTIVE", rolloutState="COMPLETED")
CASES: dict[str, tuple[list[Deployment], Outcome | None]] = {
    "goes on": ([deployment("new"), OLD], None),
    "completed": ([deployment("new", rolloutState="COMPLETED")], Outcome.COMPLETED),
    "completed beside the one it replaces": (
        [deployment("new", rolloutState="COMPLETED"), OLD],
        Outcome.COMPLETED,
    ),
    "rolled back": (
        [
            deployment("back", rolloutStateReason=BACK),
            deployment("new", "ACTIVE", rolloutState="FAILED"),
        ],
        Outcome.ROLLED_BACK,
    ),
    "rolled back and stable": (
        [deployment("back", rolloutState="COMPLETED", rolloutStateReason=BACK)],
        Outcome.ROLLED_BACK,
    ),
    "rolled back under the old id": (
        [deployment("old"), deployment("new", "ACTIVE")],
        Outcome.ROLLED_BACK,
    ),
    "failed with nothing to go back to": (
        [deployment("new", rolloutState="FAILED")],
        Outcome.FAILED,
    ),
    "replaced": ([deployment("other"), deployment("new", "ACTIVE")], Outcome.REPLACED),
    "replaced by one that completed": (
        [deployment("other", rolloutState="COMPLETED")],
        Outcome.REPLACED,
    ),
    "vanished": ([deployment("old", rolloutState="COMPLETED")], Outcome.ROLLED_BACK),
    "nothing listed at all": ([], Outcome.ROLLED_BACK),
}


@pytest.mark.parametrize(("listed", "outcome"), CASES.values(), ids=CASES.keys())
def test_end_is_told_by_the_deployments_own_id(
    listed: list[Deployment], outcome: Outcome | None
) -> None:
    """Only the deployment that was started counts, never that the service is stable."""
    judged = judge(listed, STARTED, STALE_SECONDS)
    assert (judged[0] if judged else None) is outcome


def test_answer_from_before_the_update_is_no_end() -> None:
    """ECS may list for some seconds what was there before; that is no rollback."""
    assert judge([deployment("old", rolloutState="COMPLETED")], STARTED, 1) is None


@pytest.mark.parametrize(
    ("before", "fallback"),
    [
        ({"rolloutState": "COMPLETED", "runningCount": 1}, True),
        ({"rolloutState": "COMPLETED", "runningCount": 0}, False),
        ({"rolloutState": "FAILED", "runningCount": 0}, False),
        ({"rolloutState": "IN_PROGRESS", "runningCount": 1}, False),
    ],
)
def test_breaker_goes_back_to_completed_deployments_only(
    before: dict[str, Any], fallback: bool
) -> None:
    """Without a completed deployment whose tasks run, nothing can be rolled back to."""
    assert has_fallback({"deployments": [before]}) is fallback
