"""DynamoDB is away for longer than a load balancer waits for a target; or it throttles one link."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from verification.engine.aws.emulator.protocol import Fault
from verification.engine.errors import ToolError
from verification.engine.smoke.http_session import Answer, Session
from verification.engine.smoke.scenarios.bare_calls import BareCalls
from verification.engine.smoke.scenarios.helpers import TRIAL, mark, shorten, task_calls
from verification.engine.smoke.scenarios.registry import Stages, alone, scenario
from verification.engine.smoke.stage import EmbeddedStage
from verification.engine.system.yardstick import stretched, until
from verification.model.load_observations import Endpoint, Reply, p95
from verification.model.outages import HotLinkSeen, StoreAwaySeen

# Seconds. Tasks that a load balancer gives up for the store's sake are gone after some seven: the
# backend believes a good look at the store for five, and three checks are half a second apart.
_AWAY, _BACK, _PAUSE = 10.0, 15.0, 0.5
_FAULT = Fault("dynamodb", code="InternalServerError", status=500)
# Browsers that follow the throttled link; calls that DynamoDB refused before others are looked at.
_BROWSERS, _REFUSED, _WAIT = 6, 20, 30.0
ROUNDS = 20
_MEANWHILE = "while the store is away: "
_THROTTLED = "ThrottlingException"


@scenario
def store_away(stages: Stages, environment: str) -> StoreAwaySeen:
    """Every call to DynamoDB fails for some time; users ask all the while, and afterwards."""
    readiness = stages.contract.service.readiness_path
    with stages.embedded(environment, "store_away") as stage:
        user = stage.deployment.user("outage")
        paths = [TRIAL, f"/{shorten(user, 'https://example.com/away')}"]
        asked = [*paths, readiness] if readiness else paths
        service, began, before = stage.deployment.service, datetime.now(UTC), mark(stage)
        tasks, left = frozenset(service.running()), time.monotonic()
        stage.world.inject(_FAULT)
        # Readiness was looked at before the store was away, and is believed for some seconds.
        during = _outage(stage, user, paths) + _ask(user, asked, _MEANWHILE)
        targets, seconds = tuple(service.targets()), time.monotonic() - left
        refused = sum(call.error == _FAULT.code for call in task_calls(stage, before))
        stage.world.clear_faults()
        until(lambda: all(reply.status < 500 for reply in _ask(user, asked)), _BACK, _PAUSE)
        return StoreAwaySeen(
            refused=refused,
            during=during,
            after=_ask(user, asked, "after: "),
            tasks_before=tasks,
            tasks_after=frozenset(service.running()),
            targets=targets,
            stopped=tuple(service.died(began)),
            seconds=seconds,
        )


@alone
@scenario
def hot_link(stages: Stages, environment: str) -> HotLinkSeen:
    """Everybody wants one link, whose key DynamoDB throttles; a user goes on with other things."""
    with stages.embedded(environment, "hot_link") as stage:
        user, visitor = stage.deployment.user("others"), stage.deployment.visitor()
        hot, cold = (shorten(user, f"https://example.com/{what}") for what in ("hot", "cold"))
        before = mark(stage)
        stage.world.inject(Fault("dynamodb", "UpdateItem", key=hot, code=_THROTTLED))

        def throttled() -> int:
            calls = task_calls(stage, before)
            return sum(call.error == _THROTTLED for call in calls)

        with _Browsers(visitor, f"/{hot}"), BareCalls(stage) as bare:
            if not until(lambda: throttled() >= _REFUSED, _WAIT, _PAUSE):
                raise ToolError(f"DynamoDB throttled {throttled()} calls of /{hot}, then no more.")
            others = (_timed("status", user, TRIAL, 200), _timed("redirect", user, f"/{cold}", 302))
        return HotLinkSeen(throttled(), others, tuple(bare.milliseconds))


class _Browsers:
    """Browsers that follow a link again and again until the block ends."""

    def __init__(self, visitor: Session, path: str) -> None:
        self._visitor, self._path, self._over = visitor, path, threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(_BROWSERS)]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            self._visitor.get(self._path)


def _timed(name: str, user: Session, path: str, wanted: int) -> Endpoint:
    """Ask again and again; how many answers were wrong, and how long they took."""
    answers = [user.get(path) for _ in range(ROUNDS)]
    taken = [(answer.ended - answer.began) * 1000 for answer in answers]
    failures = sum(answer.status != wanted for answer in answers)
    return Endpoint(name, len(answers), failures, statistics.median(taken), p95(taken))


def _outage(stage: EmbeddedStage, user: Session, paths: Sequence[str]) -> tuple[Reply, ...]:
    """Ask for as long as the store is away, or until a task is given up."""
    service, tasks = stage.deployment.service, stage.deployment.service.running()
    end, during = time.monotonic() + stretched(_AWAY), list[Reply]()
    while time.monotonic() < end and service.running() == tasks:
        during += _ask(user, paths, _MEANWHILE)
        time.sleep(_PAUSE)
    return tuple(during)


def _ask(user: Session, paths: Sequence[str], when: str = "") -> tuple[Reply, ...]:
    return tuple(_reply(f"{when}GET {path}", user.get(path)) for path in paths)


def _reply(asked: str, answer: Answer) -> Reply:
    text = answer.body.decode("utf-8", "replace")
    return Reply(asked, answer.status, answer.headers.get("retry-after", ""), text)
