"""The ECS agent's decisions: which tasks start and stop, and when a deployment has failed."""

import pytest

from verification.engine.aws.fargate.definitions import HealthCheck, Rules, rules
from verification.engine.aws.fargate.service.scheduler import Member, next_step

NEW, NEW_HEALTHY, NEW_SICK = (True, False, False), (True, True, False), (True, False, True)
OLD, OLD_HEALTHY, OLD_SICK = (False, False, False), (False, True, False), (False, False, True)


def made(desired: int = 2, low: int = 100, high: int = 200) -> Rules:
    """Rules with these percentages."""
    return Rules(desired, low, high, breaker=True, rollback=True, grace=0)


def decided(kinds: list[tuple[bool, bool, bool]], wanted: Rules, state: str) -> tuple[int, str]:
    """How many tasks start, and which stop, by their places in the list."""
    members = [Member(str(n), *kind, created=float(n)) for n, kind in enumerate(kinds)]
    step = next_step(members, wanted, state)
    return step.start, "".join(sorted(ident for ident, _ in step.stop))


@pytest.mark.parametrize(
    ("kinds", "wanted", "state", "start", "stop"),
    [
        ([], made(), "IN_PROGRESS", 2, ""),
        ([OLD_HEALTHY] * 2, made(), "IN_PROGRESS", 2, ""),
        ([OLD_HEALTHY] * 2 + [NEW] * 2, made(), "IN_PROGRESS", 0, ""),
        ([OLD_HEALTHY] * 2 + [NEW, NEW_HEALTHY], made(), "IN_PROGRESS", 0, "0"),
        ([OLD_HEALTHY] * 2 + [NEW_HEALTHY] * 2, made(), "IN_PROGRESS", 0, "01"),
        ([OLD_HEALTHY] * 2, made(high=150), "IN_PROGRESS", 1, ""),
        ([OLD_HEALTHY] * 2, made(low=50, high=100), "IN_PROGRESS", 1, "0"),
        ([OLD_HEALTHY] * 2, made(low=100, high=100), "IN_PROGRESS", 0, ""),
        ([OLD, OLD_SICK, NEW], made(), "IN_PROGRESS", 1, "01"),
        ([OLD_HEALTHY] * 2 + [NEW_SICK] * 2, made(), "IN_PROGRESS", 2, "23"),
        ([OLD_HEALTHY] * 2, made(), "FAILED", 0, ""),
        ([NEW_HEALTHY], made(), "COMPLETED", 1, ""),
        ([NEW_HEALTHY, NEW_SICK], made(), "COMPLETED", 1, ""),
        ([NEW_HEALTHY, NEW_SICK, NEW_HEALTHY], made(), "COMPLETED", 0, "1"),
        ([NEW_SICK, NEW_SICK], made(high=100), "COMPLETED", 1, "0"),
        ([NEW_SICK, NEW], made(desired=1), "COMPLETED", 0, ""),
        ([NEW_SICK, NEW_HEALTHY], made(desired=1), "COMPLETED", 0, "0"),
        ([NEW_SICK, NEW_SICK], made(desired=1), "COMPLETED", 1, "0"),
        ([NEW_HEALTHY] * 3, made(), "COMPLETED", 0, "2"),
        ([NEW_HEALTHY, NEW, NEW_HEALTHY], made(), "COMPLETED", 0, "1"),
        ([NEW_HEALTHY] * 2, made(desired=0), "COMPLETED", 0, "01"),
    ],
)
def test_rolling_deployment(
    kinds: list[tuple[bool, bool, bool]], wanted: Rules, state: str, start: int, stop: str
) -> None:
    """Tasks start and stop within the service's percentages, and none of a failed deployment."""
    assert decided(kinds, wanted, state) == (start, stop)


@pytest.mark.parametrize(("desired", "threshold"), [(1, 3), (6, 3), (7, 4), (50, 25), (900, 200)])
def test_circuit_breaker_threshold(desired: int, threshold: int) -> None:
    """It opens at half the desired count of failed tasks, but not under 3 and not over 200."""
    assert made(desired).threshold == threshold


def test_defaults_are_those_of_ecs() -> None:
    """A service that says nothing keeps all its tasks, may double them, and has no breaker."""
    assert rules(4, {}, 0) == Rules(4, 100, 200, breaker=False, rollback=False, grace=0)


@pytest.mark.parametrize(
    ("matcher", "status", "good"),
    [("200", 200, True), ("200", 204, False), ("200-299,302", 302, True), ("200,202", 201, False)],
)
def test_matcher(matcher: str, status: int, good: bool) -> None:
    """A health check's matcher lists codes and ranges."""
    assert HealthCheck("/", matcher, 1, 1, 1, 1).accepts(status) is good
