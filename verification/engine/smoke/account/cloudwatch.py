"""Logs of the tasks, and use of the tables, from CloudWatch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

from verification.engine.system.yardstick import until
from verification.model.smoke.load import TableUse

_MINUTE = 60
_CONSUMED = ("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits")
# AWS emits both per operation, including indexes, and not per table.
_TROUBLES = ("ThrottledRequests", "SystemErrors")
_OPERATIONS = ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query")


def read_lines(logs: Any, group: str, since: datetime, task: str = "") -> list[str]:
    """Every line of a log group since then, oldest first; of one task only, by its id."""
    pages = logs.get_paginator("filter_log_events")
    found = pages.paginate(logGroupName=group, startTime=int(since.timestamp() * 1000))
    return [
        str(event["message"])
        for page in found
        for event in page["events"]
        # A stream's name is prefix/container/task.
        if not task or event["logStreamName"].endswith(f"/{task}")
    ]


def read_table_use(
    cloudwatch: Any, tables: Sequence[str], since: datetime, patience: float, pause: float
) -> tuple[TableUse, ...]:
    """The use of tables from the minute of `since`, by their metrics.

    Metrics have a delay of minutes: this waits, at most `patience` seconds, until each table has
    consumed capacity since then; without it, `used` is 0.
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
    """The sum of each metric over time and operations, by table."""
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
