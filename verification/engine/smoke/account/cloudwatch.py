"""What CloudWatch tells of a deployment: its tasks' lines, and how its tables were used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

from verification.engine.system.yardstick import until
from verification.model.load_observations import TableUse

_MINUTE = 60
_CONSUMED = ("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits")
# Both are counted for each operation, the indexes' share included, and for no table as a whole.
_TROUBLES = ("ThrottledRequests", "SystemErrors")
_OPERATIONS = ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query")


def read_lines(logs: Any, group: str, since: datetime, task: str = "") -> list[str]:
    """Every line of a log group from then on, the oldest first; a task's only, by its id."""
    pages = logs.get_paginator("filter_log_events")
    found = pages.paginate(logGroupName=group, startTime=int(since.timestamp() * 1000))
    return [
        str(event["message"])
        for page in found
        for event in page["events"]
        # A stream's name is prefix, container and task.
        if not task or event["logStreamName"].endswith(f"/{task}")
    ]


def read_table_use(
    cloudwatch: Any, tables: Sequence[str], since: datetime, patience: float, pause: float
) -> tuple[TableUse, ...]:
    """How tables were used from the minute of `since` on, by their metrics.

    Metrics come minutes late: this waits, at most `patience` seconds, until each table has told of
    capacity that was consumed since; from one that has not, `used` is 0.
    """

    def read() -> tuple[TableUse, ...]:
        found = _sums(cloudwatch, tables, since.replace(second=0, microsecond=0))
        return tuple(_use(table, found[table]) for table in tables)

    until(lambda: all(table.used for table in read()), patience, pause)
    return read()


def _use(table: str, sums: Mapping[str, float]) -> TableUse:
    used = sum(sums.get(name, 0.0) for name in _CONSUMED)
    throttled, failed = (sums.get(name, 0.0) for name in _TROUBLES)
    return TableUse(table, used, "capacity units", throttled, failed)


def _sums(cloudwatch: Any, tables: Sequence[str], start: datetime) -> dict[str, dict[str, float]]:
    """Each metric's sum over time and operations, by table."""
    queries = [
        ((table, metric), _query(metric, TableName=table))
        for table, metric in product(tables, _CONSUMED)
    ] + [
        ((table, metric), _query(metric, TableName=table, Operation=operation))
        for table, metric, operation in product(tables, _TROUBLES, _OPERATIONS)
    ]
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[{"Id": f"q{n}", **query} for n, (_, query) in enumerate(queries)],
        StartTime=start,
        EndTime=datetime.now(UTC) + timedelta(seconds=_MINUTE),
    )
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for page in pages:
        for result in page["MetricDataResults"]:
            (table, metric), _ = queries[int(result["Id"].removeprefix("q"))]
            found[table][metric] += sum(result["Values"])
    return found


def _query(metric: str, **dimensions: str) -> dict[str, Any]:
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    stat = {"Namespace": "AWS/DynamoDB", "MetricName": metric, "Dimensions": named}
    return {"MetricStat": {"Metric": stat, "Period": _MINUTE, "Stat": "Sum"}}
