"""Why a deployment did not complete: the service's last events, and the tasks' stop reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from backend.deployment.rollout import Ended, Started
from backend.deployment.target import Target

_MOST = 10


def tell_trouble(ecs: Any, target: Target, started: Started, ended: Ended) -> list[str]:
    """Lines with the reasons; what cannot be read is noted, without hiding the result."""
    stopped = _attempt(lambda: _stopped_tasks(ecs, target, started))
    return [*_events(ended.service, started), *stopped]


def _events(service: Mapping[str, Any], started: Started) -> list[str]:
    fresh = [e for e in service.get("events", []) if e["id"] not in started.known_events]
    return [f"event: {event['message']}" for event in reversed(fresh[:_MOST])]


def _stopped_tasks(ecs: Any, target: Target, started: Started) -> list[str]:
    listed = ecs.list_tasks(
        cluster=target.cluster, serviceName=target.service, desiredStatus="STOPPED"
    )
    arns = listed["taskArns"]
    if not arns:
        return []
    tasks = ecs.describe_tasks(cluster=target.cluster, tasks=arns[:100])["tasks"]
    return _last_words([t for t in tasks if t["taskDefinitionArn"] == started.revision])


def _last_words(tasks: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = []
    for task in tasks[:_MOST]:
        reasons = [str(task.get("stoppedReason") or "no reason given")]
        for container in task.get("containers", []):
            code, reason = container.get("exitCode"), container.get("reason")
            reasons += [f"exit code {code}"] if code is not None else []
            reasons += [str(reason)] if reason else []
        lines.append(f"task {task['taskArn'].rpartition('/')[2]}: {'; '.join(reasons)}")
    return lines


def _attempt(read: Callable[[], list[str]]) -> list[str]:
    try:
        return read()
    except (BotoCoreError, ClientError) as error:
        return [f"the stopped tasks cannot be read: {error}"]
