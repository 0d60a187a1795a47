"""Alarms that nobody would hear, and things that no alarm watches."""

from __future__ import annotations

from tests.checks.edits import copy, drop, edit, together
from tests.checks.kit import Case
from tests.checks.twins.edits_alarms import (
    BACKEND,
    SLOW,
    TASKS,
    THROTTLED,
    UNDECIDED,
    UNHEALTHY,
    WATCH,
    alarm,
    metric,
    more,
    silent,
)
from verification.checks.stack import events, service
from verification.model.stack import Alarm
from verification.model.ternary import Unknown

LOGS = "aws_cloudwatch_log_group.backend"
TOPIC = "aws_sns_topic.alarms"
ANOTHER = copy(
    "topics",
    TOPIC,
    address="aws_sns_topic.deaf",
    arn="arn:deaf",
    policy=lambda d: d | {"Statement": [s | {"Resource": "arn:deaf"} for s in d["Statement"]]},
)
REPORT = events.report_what_no_metric_shows
DEAF = "none of its actions has a subscriber"


def unheard(alarm: Alarm) -> tuple[str]:
    """An action that is no topic of the stack."""
    return ("arn:aws:sns:us-east-1:123456789012:forgotten",)


TWINS = [
    silent(
        "switched off",
        UNHEALTHY,
        alarm(UNHEALTHY, actions_enabled=False),
        "its actions are disabled",
    ),
    silent("no action", UNHEALTHY, alarm(UNHEALTHY, actions=()), DEAF),
    silent(
        "topic that is not there",
        UNHEALTHY,
        alarm(UNHEALTHY, actions=unheard),
        DEAF,
        planned=UNDECIDED,
    ),
    silent(
        "topic without a subscription",
        UNHEALTHY,
        together(ANOTHER, alarm(UNHEALTHY, actions=("arn:deaf",))),
        DEAF,
        planned=UNDECIDED,
    ),
    silent("nobody subscribed", UNHEALTHY, drop("subscriptions"), DEAF, also=(REPORT,)),
    silent(
        "nobody confirmed", UNHEALTHY, edit("subscriptions", pending=True), DEAF, also=(REPORT,)
    ),
    silent(
        "subscribed to another topic",
        UNHEALTHY,
        together(ANOTHER, edit("subscriptions", topic="arn:deaf")),
        DEAF,
        planned=UNDECIDED,
        also=(REPORT,),
    ),
    silent("no topic", UNHEALTHY, drop("topics"), DEAF, also=(REPORT,)),
    silent(
        "switched off beside an unknown threshold",
        UNHEALTHY,
        alarm(UNHEALTHY, actions_enabled=False, threshold=Unknown()),
        "its actions are disabled",
    ),
    silent(
        "filter without ERROR",
        f"a metric filter for ERROR lines of module.backend.{LOGS}",
        edit("metric_filters", pattern='{ $.level = "CRITICAL" }'),
        "an alarm is missing",
    ),
    silent(
        "no filter",
        f"a metric filter for ERROR lines of module.backend.{LOGS}",
        drop("metric_filters"),
        "an alarm is missing",
    ),
    silent(
        "filter of another log group",
        f"a metric filter for ERROR lines of module.backend.{LOGS}",
        edit("metric_filters", log_group="/vpc/file-sharing-app-dev"),
        "an alarm is missing",
    ),
    silent(
        "filter whose metric no alarm watches",
        f"Errors of module.backend.{LOGS}",
        edit("metric_filters", metric="Errors"),
        "an alarm is missing",
    ),
    silent(
        "log group renamed, and no filter",
        "logs",
        together(edit("log_groups", LOGS, name="/backend"), drop("metric_filters")),
        "is missing",
    ),
    silent("no log group", "logs", drop("log_groups", LOGS), "is missing"),
    silent("no service to watch", "service", drop("services"), "is missing", also=(REPORT,)),
    silent("no load balancer to watch", "load balancer", drop("load_balancers"), "is missing"),
    silent(
        "no target group to watch",
        "target group",
        drop("target_groups"),
        "is missing",
        also=(service.serves_through_the_load_balancer,),
    ),
]

OPEN = [
    Case(WATCH, "namespace", metric(THROTTLED, namespace=Unknown())),
    Case(WATCH, "metric", metric(THROTTLED, name=Unknown())),
    Case(WATCH, "dimensions", metric(THROTTLED, dimensions=Unknown())),
    Case(WATCH, "one dimension", metric(THROTTLED, dimensions={"TableName": Unknown()})),
    Case(WATCH, "target group", metric(BACKEND, dimensions=more(TargetGroup=Unknown()))),
    Case(WATCH, "statistic", metric(TASKS, statistic=Unknown())),
    Case(WATCH, "comparison", alarm(BACKEND, comparison=Unknown())),
    Case(WATCH, "threshold", alarm(BACKEND, threshold=Unknown())),
    Case(WATCH, "period", alarm(BACKEND, period=Unknown())),
    Case(WATCH, "periods", alarm(BACKEND, evaluation_periods=Unknown())),
    Case(WATCH, "data points", alarm(BACKEND, datapoints_to_alarm=Unknown())),
    Case(WATCH, "missing data", alarm(TASKS, missing_data=Unknown())),
    Case(WATCH, "switch", alarm(BACKEND, actions_enabled=Unknown())),
    Case(WATCH, "actions", alarm(BACKEND, actions=Unknown())),
    Case(WATCH, "expression", alarm(SLOW, expression=Unknown())),
    Case(WATCH, "few samples", alarm(SLOW, low_samples=Unknown())),
    Case(WATCH, "one action", alarm(BACKEND, actions=(Unknown(),))),
    Case(WATCH, "topic", edit("topics", arn=Unknown())),
    Case(WATCH, "subscription", edit("subscriptions", topic=Unknown())),
    Case(WATCH, "balancer", edit("load_balancers", arn_suffix=Unknown())),
    Case(WATCH, "group", edit("target_groups", arn_suffix=Unknown())),
    Case(WATCH, "service", edit("services", name=Unknown())),
    Case(WATCH, "pattern", edit("metric_filters", pattern=Unknown())),
    Case(WATCH, "filter's log group", edit("metric_filters", log_group=Unknown())),
    Case(WATCH, "filter's metric", edit("metric_filters", metric=Unknown())),
    Case(WATCH, "filter's namespace", edit("metric_filters", namespace=Unknown())),
    Case(WATCH, "log group", edit("log_groups", LOGS, name=Unknown())),
]

HARMLESS = [
    Case(
        WATCH,
        "a bad alarm beside the good one",
        copy("alarms", BACKEND, address="bad", actions=(), threshold=1e9),
    ),
    Case(
        WATCH,
        "at or above",
        alarm(BACKEND, comparison="GreaterThanOrEqualToThreshold", threshold=1),
    ),
    Case(WATCH, "a day", alarm(SLOW, period=3600, evaluation_periods=24)),
    Case(
        WATCH,
        "errors of the load balancer's targets as a whole",
        metric(BACKEND, dimensions=lambda old: {"LoadBalancer": old["LoadBalancer"]}),
    ),
    Case(WATCH, "a second action", alarm(BACKEND, actions=lambda old: ("arn:other", *old))),
    Case(WATCH, "a topic that nobody hears beside the good one", ANOTHER),
    Case(WATCH, "few samples ignored", alarm(SLOW, expression=None, low_samples="ignore")),
    Case(WATCH, "more requests", alarm(SLOW, expression="IF( requests>=50,p95,0 )")),
    Case(WATCH, "other missing data", alarm(BACKEND, missing_data="ignore")),
    Case(WATCH, "other pattern", edit("metric_filters", pattern="?ERROR ?CRITICAL")),
    Case(WATCH, "another log group", copy("log_groups", LOGS, address="x", name="/aws/other")),
]
