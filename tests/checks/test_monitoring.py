"""The checks of monitoring catch every alarm that would never fire, or that nobody would hear."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.checks.kit import (
    Case,
    Change,
    Twin,
    assert_caught,
    assert_good,
    assert_harmless,
    assert_open,
    copy,
    drop,
    edit,
    together,
)
from verification.checks import monitoring, service
from verification.checks.registry import checks_in, name_of
from verification.model.stack import Alarm, Metric
from verification.model.values import Unknown, Verdict

CHECKS = checks_in((monitoring,))
WATCH = monitoring.watch_every_failure
UNDECIDED = Verdict.UNKNOWN
THROTTLED = 'throttled["urls-read"]'
SYSTEM = 'table_system_errors["urls"]'
BALANCER = "load_balancer_errors"
BACKEND = "backend_errors"
SLOW = "response_time"
UNHEALTHY = "unhealthy_tasks"
TASKS = "missing_tasks"
ERRORS = "aws_cloudwatch_metric_alarm.application_errors"
FILTER = "aws_cloudwatch_log_metric_filter.application_errors"
LOGS = "aws_cloudwatch_log_group.backend"
TOPIC = "aws_sns_topic.alarms"
URLS = {"TableName": "file-sharing-app-prod-urls"}


def alarm(at: str, **changes: object) -> Change:
    """Change an alarm."""
    return edit("alarms", at, **changes)


def metric(at: str, **changes: object) -> Change:
    """Change each metric of an alarm; a function is given the old value."""

    def changed(old: Metric) -> Metric:
        new = {k: v(getattr(old, k)) if callable(v) else v for k, v in changes.items()}
        return replace(old, **new)

    return alarm(at, metrics=lambda metrics: tuple(changed(m) for m in metrics))


def more(**dimensions: object) -> Callable[[dict[str, object]], dict[str, object]]:
    """Add dimensions to those that are there, or replace them."""
    return lambda old: old | dimensions


def silent(what: str, at: str, change: Change, says: str, **rest: object) -> Twin:
    """An alarm that does not do its work."""
    return Twin(WATCH, what, change, at, says, **rest)


def plain(metrics: tuple[Metric, ...]) -> tuple[Metric, ...]:
    """One metric for the table as a whole, in place of one for each operation."""
    return (replace(metrics[0], dimensions=URLS),)


def without(operation: str) -> Callable[[tuple[Metric, ...]], tuple[Metric, ...]]:
    """Leave an operation out."""
    return lambda old: tuple(m for m in old if m.dimensions["Operation"] != operation)


def unheard(alarm: Alarm) -> tuple[str]:
    """An action that is no topic of the stack."""
    return ("arn:aws:sns:us-east-1:123456789012:forgotten",)


ANOTHER = copy("topics", TOPIC, address="aws_sns_topic.deaf", arn="arn:deaf")
NEVER = "never fires in time"
DEAF = "none of its actions reaches a subscriber"
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
        "as the alarm for WriteThrottleEvents of file-sharing-app-prod-urls: watches",
    ),
    silent(
        "wrong table",
        "throttled",
        metric(THROTTLED, dimensions={"TableName": "file-sharing-app-prod-users"}),
        "as the alarm for ReadThrottleEvents of file-sharing-app-prod-urls: watches TableName=",
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
        "as the alarm for SystemErrors of file-sharing-app-prod-urls (PutItem): watches",
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
        "as the alarm for UnHealthyHostCount of",
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
        "missing data is notBreaching, and nothing running sends none",
    ),
    silent("no data is no news", TASKS, alarm(TASKS, missing_data="missing"), "missing data is"),
    silent("nothing said of no data", TASKS, alarm(TASKS, missing_data=None), "missing data is"),
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
        "its periods are longer than a day",
    ),
    silent(
        "more data points than periods",
        SLOW,
        alarm(SLOW, datapoints_to_alarm=6),
        "or fewer than its data points",
    ),
    silent(
        "too long beside unknown data points",
        SLOW,
        alarm(SLOW, period=86400, evaluation_periods=2, datapoints_to_alarm=Unknown()),
        "longer than a day",
    ),
    silent(
        "switched off",
        UNHEALTHY,
        alarm(UNHEALTHY, actions_enabled=False),
        "its actions are switched off",
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
    silent("nobody subscribed", UNHEALTHY, drop("subscriptions"), DEAF),
    silent(
        "subscribed to another topic",
        UNHEALTHY,
        together(ANOTHER, edit("subscriptions", topic="arn:deaf")),
        DEAF,
        planned=UNDECIDED,
    ),
    silent("no topic", UNHEALTHY, drop("topics"), DEAF),
    silent(
        "switched off beside an unknown threshold",
        UNHEALTHY,
        alarm(UNHEALTHY, actions_enabled=False, threshold=Unknown()),
        "its actions are switched off",
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
    silent("no service to watch", "service", drop("services"), "is missing"),
    silent("no load balancer to watch", "load balancer", drop("load_balancers"), "is missing"),
    silent(
        "no target group to watch",
        "target group",
        drop("target_groups"),
        "is missing",
        also=(service.serves_through_the_load_balancer,),
    ),
    Twin(
        monitoring.topics_deliver,
        "AWS's own key",
        edit("topics", kms_key="alias/aws/sns"),
        TOPIC,
        "AWS's own key",
    ),
    Twin(
        monitoring.topics_deliver,
        "AWS's own key by its ARN",
        edit("topics", kms_key="arn:aws:kms:us-east-1:123456789012:alias/aws/sns"),
        TOPIC,
        "AWS's own key",
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
    Case(monitoring.topics_deliver, "key", edit("topics", kms_key=Unknown())),
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
    Case(WATCH, "other missing data", alarm(BACKEND, missing_data="ignore")),
    Case(WATCH, "other pattern", edit("metric_filters", pattern="?ERROR ?CRITICAL")),
    Case(WATCH, "another log group", copy("log_groups", LOGS, address="x", name="/aws/other")),
    Case(monitoring.topics_deliver, "customer's own key", edit("topics", kms_key="alias/ours")),
]


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_good_stack_passes(check, environment, planned, applied, contract):
    """This repository's own stack passes, as planned and as applied."""
    assert_good(check, planned[environment], contract)
    assert_good(check, applied[environment], contract)


@pytest.mark.parametrize("twin", TWINS, ids=str)
def test_known_bad_twin_is_caught(twin, planned, applied, contract):
    """A stack that is wrong in one place fails the check that is about it, and no other."""
    assert_caught(twin, planned, applied, contract)


@pytest.mark.parametrize("case", OPEN, ids=str)
def test_unknown_stays_open(case, applied, contract):
    """What is known only after apply neither passes nor fails."""
    assert_open(case, applied, contract)


@pytest.mark.parametrize("case", HARMLESS, ids=str)
def test_harmless_change_passes(case, planned, contract):
    """A change that breaks no promise fails nothing."""
    assert_harmless(case, planned, contract)


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_every_rule_has_something_to_watch(environment, planned, contract):
    """Each failure that the contract lists is looked for at least once."""
    said = [finding.message for finding in WATCH(planned[environment], contract)]
    wanted = {name for rule in contract.monitoring for name in rule.metrics} - {"error lines"}
    for name in {*wanted, "ApplicationErrors"}:
        assert any(f"for {name} of" in message for message in said)
