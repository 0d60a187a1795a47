"""DynamoDB throttles all writes, throttles one link, or is unavailable."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from verification.engine.aws.emulator.protocol import Fault
from verification.engine.errors import ToolError
from verification.engine.smoke.bare_calls import bare_calls
from verification.engine.smoke.http_session import Answer, Session
from verification.engine.smoke.scenarios.helpers import (
    TRIAL,
    mark,
    shorten,
    task_calls,
)
from verification.engine.smoke.scenarios.registry import Stages, alone, scenario
from verification.engine.smoke.stage import EmbeddedStage
from verification.engine.system.concurrency import meanwhile
from verification.engine.system.yardstick import stretched, until
from verification.model.smoke.faults import (
    HotLinkSeen,
    Reply,
    StoreAwaySeen,
    Throttled,
    ThrottlingSeen,
)
from verification.model.smoke.load import Endpoint, p95

_OPERATION = "UpdateItem"  # the operation of a click and of a trial's start
_THROTTLED = "ThrottlingException"
_WITHIN_BUDGET = 2
_UNAVAILABLE = Fault("dynamodb", code="InternalServerError", status=500)
# Seconds. A load balancer whose health check depends on the store gives a task up after these two:
# the backend caches a good readiness for 5 s, then three checks fail, half a second apart.
_CACHED, _GIVEN_UP = 6.0, 3.0
_BACK, _PAUSE = 15.0, 0.5
# Browsers on the throttled link; throttled calls before the other requests are measured.
_BROWSERS, _REFUSED, _WAIT = 6, 20, 30.0
ROUNDS = 20
_DURING = "while DynamoDB is unavailable: "


@scenario
def throttling(stages: Stages, environment: str) -> ThrottlingSeen:
    """Users follow links and start trials during increasing throttling of writes, and after it."""
    with stages.embedded(environment, "throttling") as stage:
        stage.world.inject(Fault("dynamodb", _OPERATION, code=_THROTTLED, count=_WITHIN_BUDGET))
        brief = _use(stage, "brief")
        stage.world.clear_faults()
        logs = tuple(stage.deployment.logs())
        stage.world.inject(Fault("dynamodb", _OPERATION, code=_THROTTLED))
        sustained = _use(stage, "sustained")
        stage.world.clear_faults()
        after = _use(stage, "after")
        return ThrottlingSeen(brief, sustained, after, logs, tuple(stage.deployment.logs()))


@scenario
def store_away(stages: Stages, environment: str) -> StoreAwaySeen:
    """Every call to DynamoDB fails for longer than a load balancer waits; users go on meanwhile."""
    readiness = stages.contract.service.readiness_path
    with stages.embedded(environment, "store_away") as stage:
        user = stage.deployment.user("outage")
        paths = [TRIAL, f"/{shorten(user, 'https://example.com/away')}"]
        asked = [*paths, readiness] if readiness else paths
        service, began, before = stage.deployment.service, datetime.now(UTC), mark(stage)
        tasks, left = frozenset(service.running()), time.monotonic()
        stage.world.inject(_UNAVAILABLE)
        # Readiness only at the end, because the backend caches it for some seconds.
        during = _outage(stage, user, paths) + _get(user, asked, _DURING)
        targets, seconds = tuple(service.targets()), time.monotonic() - left
        refused = _failed(stage, before, _UNAVAILABLE.code)
        stage.world.clear_faults()
        until(lambda: all(reply.status < 500 for reply in _get(user, asked)), _BACK, _PAUSE)
        return StoreAwaySeen(
            refused=refused,
            during=during,
            after=_get(user, asked, "after: "),
            tasks_before=tasks,
            tasks_after=frozenset(service.running()),
            targets=targets,
            stopped=tuple(service.died(began)),
            seconds=seconds,
        )


@alone
@scenario
def hot_link(stages: Stages, environment: str) -> HotLinkSeen:
    """DynamoDB throttles the clicks of one popular link; a user makes other requests meanwhile."""
    with stages.embedded(environment, "hot_link") as stage:
        user, visitor = stage.deployment.user("others"), stage.deployment.visitor()
        hot, cold = (shorten(user, f"https://example.com/{what}") for what in ("hot", "cold"))
        before = mark(stage)
        stage.world.inject(Fault("dynamodb", _OPERATION, key=hot, code=_THROTTLED))
        with meanwhile(lambda: visitor.get(f"/{hot}"), _BROWSERS), bare_calls(stage) as bare:
            if not until(lambda: _failed(stage, before, _THROTTLED) >= _REFUSED, _WAIT, _PAUSE):
                raise ToolError(f"DynamoDB did not throttle {_REFUSED} calls of /{hot} in time.")
            others = (_timed("status", user, TRIAL, 200), _timed("redirect", user, f"/{cold}", 302))
        return HotLinkSeen(_failed(stage, before, _THROTTLED), others, tuple(bare))


def _use(stage: EmbeddedStage, when: str) -> Throttled:
    """A new user follows a link in a browser, and starts a trial."""
    user, visitor = stage.deployment.user(when), stage.deployment.visitor()
    code = shorten(user, "https://example.com/throttled")
    before = mark(stage)
    requests = {
        "follow": lambda: visitor.get(f"/{code}", {"Accept": "text/html"}),
        "start the trial": lambda: user.post(TRIAL),
    }
    with ThreadPoolExecutor(len(requests)) as pool:
        answers = {f"{when}: {name}": pool.submit(send) for name, send in requests.items()}
        replies = tuple(_reply(name, future.result()) for name, future in answers.items())
    return Throttled(replies, _failed(stage, before, _THROTTLED))


def _outage(stage: EmbeddedStage, user: Session, paths: Sequence[str]) -> tuple[Reply, ...]:
    """Make requests until the outage has lasted long enough, or a task is given up."""
    service, tasks = stage.deployment.service, stage.deployment.service.running()
    end, during = time.monotonic() + _CACHED + stretched(_GIVEN_UP), list[Reply]()
    while time.monotonic() < end and service.running() == tasks:
        during += _get(user, paths, _DURING)
        time.sleep(_PAUSE)
    return tuple(during)


def _timed(name: str, user: Session, path: str, wanted: int) -> Endpoint:
    """Repeat a request; the number of wrong answers, and response times in milliseconds."""
    answers = [user.get(path) for _ in range(ROUNDS)]
    taken = [(answer.ended - answer.began) * 1000 for answer in answers]
    failures = sum(answer.status != wanted for answer in answers)
    return Endpoint(name, len(answers), failures, statistics.median(taken), p95(taken))


def _failed(stage: EmbeddedStage, since: int, code: str | None) -> int:
    """The number of the tasks' calls since then that failed with an error code."""
    return sum(call.error == code for call in task_calls(stage, since))


def _get(user: Session, paths: Sequence[str], when: str = "") -> tuple[Reply, ...]:
    return tuple(_reply(f"{when}GET {path}", user.get(path)) for path in paths)


def _reply(asked: str, answer: Answer) -> Reply:
    text = answer.body.decode("utf-8", "replace")
    return Reply(asked, answer.status, answer.headers.get("retry-after", ""), text)
