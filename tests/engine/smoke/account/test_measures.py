"""How tables were used, from metrics that come late, or tell of trouble, or do not come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.kit import HANG
from verification.checks.smoke.load import is_not_throttled
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.smoke.account.cloudwatch import read_lines, read_table_use
from verification.model.smoke.load import LoadSeen, TableUse

pytestmark = pytest.mark.slow

NOW = datetime.now(UTC)
CONSUMED = "ConsumedWriteCapacityUnits"


@pytest.fixture(name="world", scope="module")
def _world(empty_aws: EmbeddedAws) -> Iterator[EmbeddedAws]:
    with empty_aws.fork() as started:
        yield started


def emit(world: EmbeddedAws, metric: str, table: str, value: float, **dimensions: str) -> None:
    """Emit a metric of a table now."""
    named = {"TableName": table} | dimensions
    datum = {
        "MetricName": metric,
        "Dimensions": [{"Name": name, "Value": text} for name, text in named.items()],
        "Timestamp": NOW,
        "Value": value,
    }
    world.client("cloudwatch").put_metric_data(Namespace="AWS/DynamoDB", MetricData=[datum])


def use(world: EmbeddedAws, table: str, patience: float = 0) -> TableUse:
    """How one table was used since now."""
    cloudwatch = world.client("cloudwatch")
    [found] = read_table_use(cloudwatch, [table], NOW, patience, pause=0.05)
    return found


def verdict(table: TableUse) -> str:
    """What the check says of it."""
    [finding] = is_not_throttled(LoadSeen((), (), (), (table,), {}, (), ()))
    return f"{finding.verdict}: {finding.message}"


def test_trouble_is_summed_over_operations(world: EmbeddedAws) -> None:
    """Throttled requests and DynamoDB's failures of every operation count, and fail the check."""
    emit(world, CONSUMED, "busy", 12.5)
    emit(world, "ThrottledRequests", "busy", 2, Operation="UpdateItem")
    emit(world, "ThrottledRequests", "busy", 1, Operation="Query")
    emit(world, "SystemErrors", "busy", 4, Operation="GetItem")
    found = use(world, "busy")
    assert found == TableUse("busy", 12.5, "capacity units", 3, 4)
    assert verdict(found).startswith(
        "fail: 12.5 capacity units, 3 throttled requests, 4 system errors"
    )


def test_metrics_that_come_late_are_waited_for(world: EmbeddedAws) -> None:
    """CloudWatch is minutes late: no number yet is not zero."""
    cloudwatch, asked = world.client("cloudwatch"), []

    def answered(**_: Any) -> None:
        asked.append(1)
        if len(asked) == 3:
            emit(world, CONSUMED, "late", 3)

    cloudwatch.meta.events.register("after-call.cloudwatch", answered)
    [found] = read_table_use(cloudwatch, ["late"], NOW, HANG, pause=0.05)
    assert found == TableUse("late", 3, "capacity units", 0, 0)
    assert verdict(found).startswith("pass: ")


def test_no_metrics_prove_nothing(world: EmbeddedAws) -> None:
    """A table that tells of no use at all fails: nobody knows whether it was throttled."""
    found = use(world, "silent")
    assert verdict(found) == "fail: recorded use (capacity units) is missing"


def test_lines_since_the_run_began(world: EmbeddedAws) -> None:
    """Lines of the time before a run are none of its business."""
    logs = world.client("logs")
    logs.create_log_group(logGroupName="group")
    logs.create_log_stream(logGroupName="group", logStreamName="task")
    times = {"before": NOW - timedelta(minutes=5), "after": NOW + timedelta(seconds=1)}
    events = [{"timestamp": int(t.timestamp() * 1000), "message": m} for m, t in times.items()]
    logs.put_log_events(logGroupName="group", logStreamName="task", logEvents=events)
    assert read_lines(logs, "group", NOW) == ["after"]


def test_lines_of_a_task(world: EmbeddedAws) -> None:
    """A task's lines are those of the stream that ends with its id, and of no other."""
    logs = world.client("logs")
    logs.create_log_group(logGroupName="tasks")
    moment = int((NOW + timedelta(seconds=1)).timestamp() * 1000)
    for task in ("1a", "a"):
        name = f"backend/backend/{task}"
        logs.create_log_stream(logGroupName="tasks", logStreamName=name)
        events = [{"timestamp": moment, "message": f"of {task}"}]
        logs.put_log_events(logGroupName="tasks", logStreamName=name, logEvents=events)
    assert read_lines(logs, "tasks", NOW, "a") == ["of a"]
    assert read_lines(logs, "tasks", NOW, "b") == []
