"""Log groups, metric filters, alarms, topics, subscriptions and budgets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from verification.engine.aws.live.scope import Scope, document
from verification.model.stack import (
    Alarm,
    Budget,
    BudgetNotification,
    EventRule,
    LogGroup,
    Metric,
    MetricFilter,
    Subscription,
    Topic,
)


def read_monitoring(scope: Scope) -> dict[str, Any]:
    """Read all monitoring resources, by the stack's field names."""
    groups = tuple(_log_groups(scope))
    topics = tuple(_topics(scope))
    return {
        "log_groups": groups,
        "metric_filters": tuple(_metric_filters(scope, (str(g.name) for g in groups))),
        "alarms": tuple(_alarms(scope)),
        "event_rules": tuple(_event_rules(scope)),
        "topics": topics,
        "subscriptions": tuple(_subscriptions(scope, (str(t.arn) for t in topics))),
        "budgets": tuple(_budgets(scope)),
    }


def read_subscriptions(scope: Scope) -> tuple[Subscription, ...]:
    """Read only the subscriptions of the environment's topics."""
    return tuple(_subscriptions(scope, _topic_arns(scope)))


def _log_groups(scope: Scope) -> Iterator[LogGroup]:
    """Groups such as /ecs/{prefix}-backend, not those that AWS creates below .../{prefix}/."""
    for group in scope.pages("logs", "describe_log_groups", "logGroups"):
        if scope.owns(group["logGroupName"].split("/")[-1]):
            yield LogGroup(
                # Its ARN in policies and tags; `arn` matches its streams.
                address=group["arn"].removesuffix(":*"),
                name=group["logGroupName"],
                retention=group.get("retentionInDays"),
            )


def _metric_filters(scope: Scope, groups: Iterable[str]) -> Iterator[MetricFilter]:
    for group in groups:
        for found in scope.pages(
            "logs", "describe_metric_filters", "metricFilters", logGroupName=group
        ):
            made = found["metricTransformations"][0]
            yield MetricFilter(
                address=f"metric filter {found['filterName']} of {group}",
                log_group=group,
                pattern=found.get("filterPattern", ""),
                namespace=made["metricNamespace"],
                metric=made["metricName"],
            )


def _alarms(scope: Scope) -> Iterator[Alarm]:
    for alarm in scope.pages(
        "cloudwatch", "describe_alarms", "MetricAlarms", AlarmNamePrefix=scope.prefix
    ):
        if scope.owns(alarm["AlarmName"]):
            yield _alarm(alarm)


def _alarm(alarm: Mapping[str, Any]) -> Alarm:
    queries = alarm.get("Metrics", ())
    queried = [query for query in queries if "MetricStat" in query]
    periods = [query["MetricStat"]["Period"] for query in queried]
    returned = (query.get("Expression") for query in queries if query.get("ReturnData"))
    return Alarm(
        address=alarm["AlarmArn"],
        name=alarm["AlarmName"],
        metrics=tuple(map(_queried_metric, queried)) or _own_metric(alarm),
        comparison=alarm["ComparisonOperator"],
        threshold=alarm.get("Threshold"),
        period=alarm.get("Period", periods[0] if periods else None),
        evaluation_periods=alarm["EvaluationPeriods"],
        datapoints_to_alarm=alarm.get("DatapointsToAlarm"),
        missing_data=alarm.get("TreatMissingData"),
        actions=tuple(alarm.get("AlarmActions", ())),
        actions_enabled=alarm.get("ActionsEnabled", True),
        expression=next(returned, None),
        low_samples=alarm.get("EvaluateLowSampleCountPercentile"),
    )


def _queried_metric(query: Mapping[str, Any]) -> Metric:
    stat = query["MetricStat"]
    metric = stat["Metric"]
    return Metric(
        namespace=metric.get("Namespace"),
        name=metric.get("MetricName"),
        statistic=stat["Stat"],
        dimensions=_dimensions(metric),
        id=query["Id"],
    )


def _own_metric(alarm: Mapping[str, Any]) -> tuple[Metric, ...]:
    if "MetricName" not in alarm:
        return ()
    statistic = alarm.get("Statistic") or alarm.get("ExtendedStatistic")
    return (
        Metric(
            namespace=alarm.get("Namespace"),
            name=alarm["MetricName"],
            statistic=statistic,
            dimensions=_dimensions(alarm),
        ),
    )


def _dimensions(metric: Mapping[str, Any]) -> dict[str, str | Any]:
    return {d["Name"]: d["Value"] for d in metric.get("Dimensions", ())}


def _event_rules(scope: Scope) -> Iterator[EventRule]:
    events = scope["events"]
    for rule in scope.pages("events", "list_rules", "Rules", NamePrefix=scope.prefix):
        if scope.owns(rule["Name"]):
            targets = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
            yield EventRule(
                address=rule["Arn"],
                name=rule["Name"],
                pattern=document(rule.get("EventPattern")),
                enabled=rule["State"] != "DISABLED",
                targets=tuple(target["Arn"] for target in targets),
            )


def _topics(scope: Scope) -> Iterator[Topic]:
    for arn in _topic_arns(scope):
        attributes = scope["sns"].get_topic_attributes(TopicArn=arn)["Attributes"]
        yield Topic(
            address=arn,
            arn=arn,
            kms_key=attributes.get("KmsMasterKeyId") or None,
            policy=document(attributes.get("Policy")),
        )


def _topic_arns(scope: Scope) -> Iterator[str]:
    for listed in scope.pages("sns", "list_topics", "Topics"):
        if scope.owns(listed["TopicArn"].split(":")[-1]):
            yield listed["TopicArn"]


def _subscriptions(scope: Scope, topics: Iterable[str]) -> Iterator[Subscription]:
    for topic in topics:
        for found in scope.pages(
            "sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=topic
        ):
            arn, endpoint = found["SubscriptionArn"], found["Endpoint"]
            # A pending subscription has a word instead of an ARN.
            yield Subscription(
                address=arn if arn.startswith("arn:") else f"subscription of {endpoint} ({arn})",
                topic=topic,
                protocol=found["Protocol"],
                endpoint=endpoint,
                pending=not arn.startswith("arn:"),
            )


def _budgets(scope: Scope) -> Iterator[Budget]:
    account = {"AccountId": scope.account}
    for budget in scope.pages("budgets", "describe_budgets", "Budgets", **account):
        name = budget["BudgetName"]
        if not scope.owns(name):
            continue
        limit = budget.get("BudgetLimit", {})
        yield Budget(
            address=f"arn:{scope.partition}:budgets::{scope.account}:budget/{name}",
            name=name,
            type=budget["BudgetType"],
            period=budget["TimeUnit"],
            limit=float(limit["Amount"]) if limit else None,
            unit=limit.get("Unit"),
            filters={key: tuple(held) for key, held in budget.get("CostFilters", {}).items()},
            notifications=tuple(_notifications(scope, {**account, "BudgetName": name})),
        )


def _notifications(scope: Scope, budget: Mapping[str, str]) -> Iterator[BudgetNotification]:
    for found in scope.pages(
        "budgets", "describe_notifications_for_budget", "Notifications", **budget
    ):
        told = scope.pages(
            "budgets",
            "describe_subscribers_for_notification",
            "Subscribers",
            **budget,
            Notification=found,
        )
        yield BudgetNotification(
            comparison=found["ComparisonOperator"],
            threshold=found["Threshold"],
            # AWS leaves out the unit that it takes by default.
            unit=found.get("ThresholdType", "PERCENTAGE"),
            mails=tuple(one["Address"] for one in told if one["SubscriptionType"] == "EMAIL"),
        )
