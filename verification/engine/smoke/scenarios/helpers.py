"""Common actions of scenarios: read the call log, use the API, write to AWS directly."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from verification.engine.aws.emulator.protocol import ACCESS_KEY, Call
from verification.engine.smoke.http_session import Answer, Session, fetch
from verification.engine.smoke.stage import EmbeddedStage, Stage

_REFUSALS = ("AccessDenied", "UnauthorizedOperation", "NotImplemented")
_NO_KEY = "-"
_OF_AN_UPLOAD = ("method", "url", "headers")
_OF_A_LINK = frozenset({"short_code", "clicks"})
# Seconds: how long an index must not change, how often it is asked, and when that ends.
_REST, _PAUSE, _LONGEST_LAG = 0.6, 0.1, 10.0
T = TypeVar("T")
TRIAL, LINKS = "/api/me/trial", "/api/links"
# The key that readiness probes read in both tables: DynamoStore.check in the backend.
_PROBED = ("readiness-check",)


def task_calls(stage: EmbeddedStage, since: int = 0) -> list[Call]:
    """The AWS calls of tasks, and of ECS for them: signed with the keys of their two roles."""
    others = (ACCESS_KEY, _NO_KEY)
    return [call for call in stage.world.calls(since) if call.access_key not in others]


def store_calls(stage: EmbeddedStage, since: int = 0) -> list[Call]:
    """The tasks' calls to DynamoDB, without those of readiness probes."""
    calls = task_calls(stage, since)
    return [call for call in calls if call.service == "dynamodb" and call.key != _PROBED]


def mark(stage: EmbeddedStage) -> int:
    """The number of the last call so far."""
    calls = stage.world.calls()
    return calls[-1].sequence if calls else 0


def refused(stage: Stage) -> tuple[str, ...] | None:
    """The AWS calls of tasks that IAM denied or could not decide; see `denied`.

    None on a real account, where calls are not recorded.
    """
    return denied(task_calls(stage)) if isinstance(stage, EmbeddedStage) else None


def denied(calls: Iterable[Call]) -> tuple[str, ...]:
    """What IAM denied or could not decide: action, resource and role, without duplicates."""
    return tuple(
        sorted(
            {
                f"{action} on {resource} as {role.rpartition('/')[2]}"
                for call in calls
                if call.status >= 400 and any(word in (call.error or "") for word in _REFUSALS)
                for role, action, resource in call.asked or _unasked(call)
            }
        )
    )


def _unasked(call: Call) -> list[tuple[str, str, str]]:
    """The call itself, if nothing was decided for it: its keys are nobody's."""
    return [("nobody", f"{call.service}:{call.operation}", ", ".join(call.resources))]


def repeats(stage: Stage, operation: str, since: int = 0) -> int | None:
    """The number of the tasks' calls of an operation that were SDK retries.

    None on a real account, where calls are not recorded.
    """
    if not isinstance(stage, EmbeddedStage):
        return None
    calls = task_calls(stage, since)
    return sum(call.operation == operation and call.attempt > 1 for call in calls)


def table(stage: Stage, key: str) -> str:
    """The name of the users or the urls table."""
    return str(stage.outputs[f"{key}_table_name"])


def shift_trial(stage: Stage, user: Session, days: int) -> None:
    """Shift a trial's dates by days; no effect if the trial has not started."""
    client = stage.client("dynamodb")
    where = {"TableName": table(stage, "users"), "Key": {"user_id": {"S": user.user_id}}}
    item = client.get_item(**where, ConsistentRead=True).get("Item", {})
    names = ("trial_started_at", "trial_expires_at")
    if not item.keys() >= set(names):
        return
    dates = [_shifted(item[name]["S"], days) for name in names]
    client.update_item(
        **where,
        UpdateExpression="SET trial_started_at = :from, trial_expires_at = :to",
        ExpressionAttributeValues={":from": {"S": dates[0]}, ":to": {"S": dates[1]}},
    )


def switch(stage: EmbeddedStage, use_dynamodb: bool) -> int:
    """Set use_dynamodb in the parameter store and deploy; returns the deploy's exit code.

    On SQLite the desired count is 1, because each task has its own file.
    """
    set_parameter(stage, "use_dynamodb", "true" if use_dynamodb else "false")
    if not use_dynamodb and stage.deployment.service.describe()["desiredCount"] > 1:
        stage.deployment.scale(1)
    return stage.deploy().code


def set_parameter(stage: EmbeddedStage, name: str, value: str) -> None:
    """Overwrite one of the environment's parameters, as an operator would."""
    path = str(stage.outputs["parameter_path"]).rstrip("/")
    stage.world.client("ssm").put_parameter(Name=f"{path}/{name}", Value=value, Overwrite=True)


def trial_of(user: Session) -> dict[str, Any]:
    """The user's trial from the API; only the status code if it is not 200."""
    answer = user.get(TRIAL)
    found: dict[str, Any] = answer.read(200) if answer.status == 200 else {"status": answer.status}
    return found


def shorten(user: Session, target: str, **fields: str) -> str:
    """Create a link; returns its short code. UnexpectedAnswer on failure."""
    return str(user.post(LINKS, {"target": target, **fields}).read(201, "short_code"))


def links_of(answer: Answer) -> list[dict[str, Any]]:
    """The links in an answer; UnexpectedAnswer if there are none, or a field is missing."""
    links: list[dict[str, Any]] = answer.read(200, "links")
    if not all(isinstance(link, dict) and link.keys() >= _OF_A_LINK for link in links):
        raise answer.unexpected(f"a link in the list lacks one of {', '.join(sorted(_OF_A_LINK))}")
    return links


def listed(user: Session) -> list[dict[str, Any]]:
    """The user's links, once the list no longer changes; UnexpectedAnswer as `links_of`.

    It is read from an index, which has a write a moment later than the table. (Amazon DynamoDB
    Developer Guide, "Using Global Secondary Indexes in DynamoDB",
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html)
    """
    return settled(lambda: links_of(user.get(LINKS)))


def settled(read: Callable[[], T]) -> T:
    """What a function returns once that no longer changes; after ten seconds, the last.

    A repetition counts if it *began* long enough after the last change: on a slow machine its
    answer may be older than its end.
    """
    seen, since = read(), time.monotonic()
    end = since + _LONGEST_LAG
    while (began := time.monotonic()) < end:
        if (found := read()) != seen:
            seen, since = found, time.monotonic()
        elif began >= since + _REST:
            break
        time.sleep(_PAUSE)
    return seen


def upload(answer: Answer, content: bytes) -> Answer:
    """Upload a file as an answer says; returns the upload's answer."""
    method, url, headers = (answer.read(201, "upload", name) for name in _OF_AN_UPLOAD)
    return fetch(method, url, content, headers)


def _shifted(text: str, days: int) -> str:
    moved = datetime.fromisoformat(text) + timedelta(days=days)
    return moved.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
