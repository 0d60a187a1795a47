"""DynamoDB is away for longer than the load balancer waits for a target; then it is back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from verification.engine.aws.emulator.protocol import Fault
from verification.engine.smoke.http_session import Answer, Session
from verification.engine.smoke.scenarios.helpers import TRIAL, mark, shorten, task_calls
from verification.engine.smoke.scenarios.registry import Stages, scenario
from verification.engine.smoke.stage import EmbeddedStage
from verification.engine.system.yardstick import stretched, until
from verification.model.load_observations import Reply
from verification.model.store_away import StoreAwaySeen

# Seconds. Tasks that a load balancer gives up for the store's sake are gone after some five: three
# checks, at most 0.5 s apart, each of which waits for a call that the SDK makes four times.
_AWAY, _BACK, _PAUSE = 15.0, 15.0, 0.2
_FAULT = Fault("dynamodb", code="InternalServerError", status=500)


@scenario
def store_away(stages: Stages, environment: str) -> StoreAwaySeen:
    """Every call to DynamoDB fails for some time; users ask all the while, and afterwards."""
    readiness = stages.contract.service.readiness_path
    with stages.embedded(environment, "store_away") as stage:
        user = stage.deployment.user("outage")
        paths = [TRIAL, f"/{shorten(user, 'https://example.com/away')}"]
        paths += [readiness] if readiness else []
        service, began, before = stage.deployment.service, datetime.now(UTC), mark(stage)
        tasks, left = frozenset(service.running()), time.monotonic()
        stage.world.inject(_FAULT)
        during = _outage(stage, user, paths)
        targets, seconds = tuple(service.targets()), time.monotonic() - left
        refused = sum(call.error == _FAULT.code for call in task_calls(stage, before))
        stage.world.clear_faults()
        until(lambda: all(reply.status < 500 for reply in _ask(user, paths)), _BACK, _PAUSE)
        return StoreAwaySeen(
            refused=refused,
            during=during,
            after=_ask(user, paths, "after: "),
            tasks_before=tasks,
            tasks_after=frozenset(service.running()),
            targets=targets,
            stopped=tuple(service.died(began)),
            seconds=seconds,
        )


def _outage(stage: EmbeddedStage, user: Session, paths: Sequence[str]) -> tuple[Reply, ...]:
    """Ask for as long as the store is away, or until a task is given up."""
    service, tasks = stage.deployment.service, stage.deployment.service.running()
    end, during = time.monotonic() + stretched(_AWAY), list[Reply]()
    while time.monotonic() < end and service.running() == tasks:
        during += _ask(user, paths, "while the store is away: ")
    return tuple(during)


def _ask(user: Session, paths: Sequence[str], when: str = "") -> tuple[Reply, ...]:
    return tuple(_reply(f"{when}GET {path}", user.get(path)) for path in paths)


def _reply(asked: str, answer: Answer) -> Reply:
    text = answer.body.decode("utf-8", "replace")
    return Reply(asked, answer.status, answer.headers.get("retry-after", ""), text)
