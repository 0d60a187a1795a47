"""Alarms that watch something else, or would never fire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from tests.checks.edits import drop, together
from tests.checks.twins.edits_alarms import (
    BACKEND,
    SLOW,
    TASKS,
    THROTTLED,
    UNDECIDED,
    UNHEALTHY,
    alarm,
    metric,
    more,
    silent,
)
from verification.model.stack import Metric, Text
from verification.model.ternary import Unknown
from verification.model.verdict import Verdict

SYSTEM = 'table_system_errors["urls"]'
BALANCER = "load_balancer_errors"
URLS = {"TableName": "file-sharing-app-prod-urls"}
NEVER = "is out of range"


def plain(metrics: tuple[Metric, ...]) -> tuple[Metric, ...]:
    """One metric for the table as a whole, in place of one for each operation."""
    return (replace(metrics[0], dimensions=URLS),)


def without(operation: str) -> Callable[[tuple[Metric, ...]], tuple[Metric, ...]]:
    """Leave an operation out."""
    return lambda old: tuple(m for m in old if dimension(m, "Operation") != operation)


def all_requests(old: tuple[Metric, ...]) -> tuple[Metric, ...]:
    """Count the requests to all target groups."""
    return tuple(
        replace(m, dimensions={"LoadBalancer": dimension(m, "LoadBalancer")})
        if m.name == "RequestCount"
        else m
        for m in old
    )


def dimension(metric: Metric, name: str) -> Text:
    """A dimension of a metric, all of which are known."""
    assert isinstance(metric.dimensions, Mapping)
    return metric.dimensions[name]


TWINS = [
    silent(
        "removed",
        "WriteThrottleEvents of file-sharing-app-prod-urls",
        together(
            drop("alarms", 'throttled["urls-write"]'),
            drop("alarms", 'throttled["urls-user-index-write"]'),
            drop("alarms", 'throttled["users-write"]'),
            drop("alarms", 'throttled["users-email-index-write"]'),
        ),
        "an alarm is missing. Add it to modules/monitoring.",
    ),
    silent(
        "removed for one table",
        "throttled",
        drop("alarms", 'throttled["urls-write"]'),
        "as alarm for WriteThrottleEvents of file-sharing-app-prod-urls: watches",
    ),
    silent(
        "wrong table",
        "throttled",
        metric(THROTTLED, dimensions={"TableName": "file-sharing-app-prod-users"}),
        "as alarm for ReadThrottleEvents of file-sharing-app-prod-urls: watches TableName=",
    ),
    silent(
        "dev's table",
        "throttled",
        metric(THROTTLED, dimensions={"TableName": "file-sharing-app-dev-urls"}),
        "watches",
    ),
    silent(
        "no dimensions",
        "throttled",
        metric(THROTTLED, dimensions={}),
        "for ReadThrottleEvents of file-sharing-app-prod-urls: watches",
    ),
    silent(
        "another account's namespace",
        "HTTPCode_ELB_5XX_Count of",
        metric(BALANCER, namespace="AWS/ELB"),
        "an alarm is missing",
    ),
    silent(
        "system errors of the table as a whole",
        SYSTEM,
        alarm(SYSTEM, metrics=plain),
        "watches TableName=file-sharing-app-prod-urls",
    ),
    silent(
        "system errors without those of PutItem",
        SYSTEM,
        alarm(SYSTEM, metrics=without("PutItem")),
        "as alarm for SystemErrors of file-sharing-app-prod-urls (PutItem): watches",
    ),
    silent(
        "balancer's errors by target group, as AWS never counts them",
        BALANCER,
        metric(BALANCER, dimensions=more(TargetGroup="targetgroup/backend/1")),
        "watches LoadBalancer=",
    ),
    silent(
        "backend's errors of another target group",
        BACKEND,
        metric(BACKEND, dimensions=more(TargetGroup="targetgroup/other/1")),
        "TargetGroup=targetgroup/other/1",
        planned=UNDECIDED,
    ),
    silent(
        "another load balancer",
        SLOW,
        metric(SLOW, dimensions=more(LoadBalancer="app/other/1")),
        "watches LoadBalancer=app/other/1",
        planned=UNDECIDED,
    ),
    silent(
        "unhealthy tasks of the load balancer as a whole",
        UNHEALTHY,
        metric(UNHEALTHY, dimensions=lambda old: {"LoadBalancer": old["LoadBalancer"]}),
        "as alarm for UnHealthyHostCount of",
    ),
    silent(
        "another service",
        TASKS,
        metric(TASKS, dimensions=more(ServiceName="file-sharing-app-dev-backend")),
        "ServiceName=file-sharing-app-dev-backend",
    ),
    silent(
        "another cluster",
        TASKS,
        metric(TASKS, dimensions=more(ClusterName="file-sharing-app-dev")),
        "ClusterName=file-sharing-app-dev",
        planned=Verdict.PASS,
    ),
    silent(
        "average load instead of the number of tasks",
        TASKS,
        metric(TASKS, statistic="Average"),
        "statistic is Average",
    ),
    silent(
        "no data is good news",
        TASKS,
        alarm(TASKS, missing_data="notBreaching"),
        "treat_missing_data is notBreaching, but no tasks means no data",
    ),
    silent(
        "no data is no news", TASKS, alarm(TASKS, missing_data="missing"), "treat_missing_data is"
    ),
    silent(
        "nothing said of no data", TASKS, alarm(TASKS, missing_data=None), "treat_missing_data is"
    ),
    silent(
        "wrong way round",
        THROTTLED,
        alarm(THROTTLED, comparison="LessThanThreshold"),
        "compares with LessThanThreshold",
    ),
    silent(
        "too many tasks",
        TASKS,
        alarm(TASKS, comparison="GreaterThanThreshold"),
        "compares with GreaterThanThreshold",
    ),
    silent("threshold of 1e9", BACKEND, alarm(BACKEND, threshold=1e9), f"1000000000.0 {NEVER}"),
    silent("threshold in milliseconds", SLOW, alarm(SLOW, threshold=1000), f"of 1000 {NEVER}"),
    silent("threshold below zero", BACKEND, alarm(BACKEND, threshold=-1), f"of -1 {NEVER}"),
    silent("fewer than no tasks", TASKS, alarm(TASKS, threshold=0), f"of 0 {NEVER}"),
    silent(
        "twenty-five hours",
        SLOW,
        alarm(SLOW, period=3600, evaluation_periods=25),
        "its periods exceed a day",
    ),
    silent(
        "more data points than periods",
        SLOW,
        alarm(SLOW, datapoints_to_alarm=6),
        "or are fewer than datapoints_to_alarm",
    ),
    silent(
        "one slow request at night, by metric math that does not count",
        SLOW,
        alarm(SLOW, expression="p95"),
        "acts on fewer than 20 requests",
    ),
    silent(
        "one slow request at night",
        SLOW,
        alarm(SLOW, expression=None),
        "acts on fewer than 20 requests",
    ),
    silent(
        "ten slow requests",
        SLOW,
        alarm(SLOW, expression="IF(requests >= 10, p95, 0)"),
        "acts on fewer than 20 requests",
    ),
    silent(
        "requests of the whole load balancer",
        SLOW,
        alarm(SLOW, metrics=all_requests),
        "acts on fewer than 20 requests",
    ),
    silent(
        "one slow period",
        SLOW,
        alarm(SLOW, datapoints_to_alarm=1),
        "acts on what lasts less than 600 seconds",
    ),
    silent(
        "tasks that are being replaced",
        TASKS,
        alarm(TASKS, evaluation_periods=3),
        "acts on what lasts less than 300 seconds",
    ),
    silent(
        "too long beside unknown data points",
        SLOW,
        alarm(SLOW, period=86400, evaluation_periods=2, datapoints_to_alarm=Unknown()),
        "its periods exceed a day",
    ),
]
