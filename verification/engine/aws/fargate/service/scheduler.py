"""Which tasks to start and to stop: ECS's rolling update as a pure function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from verification.engine.aws.fargate.definitions import Rules


class Why(Enum):
    """Why a task is stopped."""

    SICK = "sick"
    REPLACED = "replaced"
    SURPLUS = "surplus"


@dataclass(frozen=True)
class Member:
    """A running task: whether it is of the primary deployment, and its health."""

    ident: str
    primary: bool
    healthy: bool
    sick: bool
    created: float


@dataclass(frozen=True)
class Step:
    """The next step: the number of tasks to start, and the tasks to stop."""

    start: int
    stop: tuple[tuple[str, Why], ...]


def next_step(members: Sequence[Member], rules: Rules, state: str) -> Step:
    """Decide the next step of a primary deployment in this rollout state.

    Only the primary deployment gets new tasks, and none after it has failed. A healthy task of an
    older deployment is stopped when enough others are healthy, an unhealthy one immediately.
    """
    stop = _sick(members, rules, state) + _surplus(members, rules)
    if state == "IN_PROGRESS":
        stop += _replaced(members, rules)
    going = {ident for ident, _ in stop}
    staying = [member for member in members if member.ident not in going]
    good = [member for member in staying if member.primary and not member.sick]
    room = max(rules.ceiling, rules.desired if state == "COMPLETED" else 0) - len(staying)
    start = 0 if state == "FAILED" else max(0, min(rules.desired - len(good), room))
    return Step(start, tuple(stop))


def _sick(members: Sequence[Member], rules: Rules, state: str) -> list[tuple[str, Why]]:
    """Unhealthy tasks: stopped at once in a rollout, else when their replacement is healthy.

    Before that, one is stopped only if there is no room for a replacement. (Amazon ECS Developer
    Guide, "Amazon ECS services",
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html)
    """
    primary = sorted((m for m in members if m.primary), key=lambda m: m.created)
    sick = [member for member in primary if member.sick]
    healthy = sum(member.healthy for member in members)
    if state == "COMPLETED" and healthy < rules.desired:
        lacking = len(primary) - len(sick) < rules.desired
        sick = sick[:1] if lacking and len(members) >= rules.ceiling else []
    return [(member.ident, Why.SICK) for member in sick]


def _surplus(members: Sequence[Member], rules: Rules) -> list[tuple[str, Why]]:
    """Tasks above the desired count: those not yet healthy first, then the youngest."""
    good = [member for member in members if member.primary and not member.sick]
    order = sorted(good, key=lambda m: (m.healthy, -m.created))
    return [(m.ident, Why.SURPLUS) for m in order[: max(0, len(good) - rules.desired)]]


def _replaced(members: Sequence[Member], rules: Rules) -> list[tuple[str, Why]]:
    older = sorted((m for m in members if not m.primary), key=lambda m: m.created)
    spare = max(0, sum(member.healthy for member in members) - rules.floor)
    useless = [member for member in older if not member.healthy]
    useful = [member for member in older if member.healthy][:spare]
    return [(member.ident, Why.REPLACED) for member in useless + useful]
