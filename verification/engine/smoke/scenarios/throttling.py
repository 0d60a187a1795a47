"""DynamoDB throttles briefly, for a longer time, and then not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from verification.engine.aws.emulator.protocol import Fault
from verification.engine.smoke.http_session import Answer
from verification.engine.smoke.scenarios.helpers import shorten
from verification.engine.smoke.scenarios.registry import Stages, scenario
from verification.engine.smoke.stage import EmbeddedStage
from verification.model.load_observations import Reply, Throttled, ThrottlingSeen

_OPERATION = "UpdateItem"  # the operation of a click and of a trial's start
_CODE = "ThrottlingException"
_WITHIN_BUDGET = 2


@scenario
def throttling(stages: Stages, environment: str) -> ThrottlingSeen:
    """Users follow links and start trials during increasing throttling of writes, and after it."""
    with stages.embedded(environment, "throttling") as stage:
        stage.world.inject(Fault("dynamodb", _OPERATION, code=_CODE, count=_WITHIN_BUDGET))
        brief = _ask(stage, "brief")
        stage.world.clear_faults()
        logs = tuple(stage.deployment.logs())
        stage.world.inject(Fault("dynamodb", _OPERATION, code=_CODE))
        sustained = _ask(stage, "sustained")
        stage.world.clear_faults()
        after = _ask(stage, "after")
        return ThrottlingSeen(brief, sustained, after, logs, tuple(stage.deployment.logs()))


def _ask(stage: EmbeddedStage, when: str) -> Throttled:
    """A new user follows a link in a browser, and starts a trial."""
    user, visitor = stage.deployment.user(when), stage.deployment.visitor()
    code = shorten(user, "https://example.com/throttled")
    before = max((call.sequence for call in stage.world.calls()), default=0)
    asks = {
        "follow": lambda: visitor.get(f"/{code}", {"Accept": "text/html"}),
        "start the trial": lambda: user.post("/api/me/trial"),
    }
    with ThreadPoolExecutor(len(asks)) as pool:
        answers = {f"{when}: {name}": pool.submit(ask) for name, ask in asks.items()}
        replies = tuple(_reply(name, future.result()) for name, future in answers.items())
    refused = sum(call.error == _CODE for call in stage.world.calls(since=before))
    return Throttled(replies, refused)


def _reply(asked: str, answer: Answer) -> Reply:
    text = answer.body.decode("utf-8", "replace")
    return Reply(asked, answer.status, answer.headers.get("retry-after", ""), text)
