"""Reads logs, alarms and topics from planned resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from verification.engine.terraform.plan.policy_documents import Documents
from verification.engine.terraform.plan.resources import (
    Planned,
    given,
    place,
    refers,
    switch,
    texts,
)
from verification.model import stack as model
from verification.model.ternary import Unknown, any_of, negate, same


def read_log_group(r: Planned) -> model.LogGroup:
    """Read a log group from its planned resource."""
    return model.LogGroup(**place(r), name=r["name"], retention=r["retention_in_days"])


def read_metric_filter(r: Planned) -> model.MetricFilter:
    """Read a metric filter from its planned resource."""
    metric = r.first("metric_transformation")
    return model.MetricFilter(
        **place(r),
        log_group=r["log_group_name"],
        pattern=r["pattern"],
        namespace=metric.get("namespace"),
        metric=metric.get("name"),
    )


def read_alarm(r: Planned) -> model.Alarm:
    """Read an alarm from its planned resource."""
    queries = r.all("metric_query")
    measured = [block["metric"][0] for block in queries if block.get("metric")]
    returned = (block["expression"] for block in queries if block.get("return_data"))
    return model.Alarm(
        **place(r),
        name=r["alarm_name"],
        metrics=tuple(_queried(q) for q in queries if q.get("metric")) or (_watched(r),),
        comparison=r["comparison_operator"],
        threshold=r["threshold"],
        period=measured[0]["period"] if measured else r["period"],
        evaluation_periods=r["evaluation_periods"],
        datapoints_to_alarm=r["datapoints_to_alarm"] or None,
        missing_data=r["treat_missing_data"],
        actions=texts(r["alarm_actions"]),
        actions_enabled=r["actions_enabled"],
        expression=next(returned, None),
        low_samples=given(r["evaluate_low_sample_count_percentiles"], r),
    )


def read_event_rule(r: Planned, resources: Sequence[Planned]) -> model.EventRule:
    """Read an event rule from its planned resource; its targets are resources of their own."""
    mine = [
        other
        for other in resources
        if other.type == "aws_cloudwatch_event_target" and refers(other["rule"], r, "name", "id")
    ]
    disabled = any_of((same(r["state"], "DISABLED"), same(r["is_enabled"], False)))
    return model.EventRule(
        **place(r),
        name=r["name"],
        pattern=r.document("event_pattern"),
        enabled=switch(negate(disabled)),
        targets=tuple(other["arn"] for other in mine),
    )


def read_topic(r: Planned, resources: Sequence[Planned], documents: Documents) -> model.Topic:
    """Read a topic from its planned resource."""
    held = [o for o in resources if o.type == "aws_sns_topic_policy" and refers(o["arn"], r, "arn")]
    return model.Topic(
        **place(r),
        arn=r["arn"],
        kms_key=r["kms_master_key_id"] or None,
        policy=documents.of(held[0], "policy") if held else given(r.document("policy"), r),
    )


def read_subscription(r: Planned) -> model.Subscription:
    """Read a subscription from its planned resource."""
    return model.Subscription(
        **place(r),
        topic=r["topic_arn"],
        protocol=r["protocol"],
        endpoint=r["endpoint"],
        pending=False,
    )


def read_budget(r: Planned) -> model.Budget:
    """Read a budget from its planned resource."""
    limit = r["limit_amount"]
    return model.Budget(
        **place(r),
        name=r["name"],
        type=r["budget_type"],
        period=r["time_unit"],
        limit=limit if limit is None or isinstance(limit, Unknown) else float(limit),
        unit=r["limit_unit"],
        filters={str(one["name"]): texts(one["values"]) for one in r.all("cost_filter")},
        notifications=tuple(map(_notification, r.all("notification"))),
    )


def _notification(block: Mapping[str, Any]) -> model.BudgetNotification:
    return model.BudgetNotification(
        comparison=block["comparison_operator"],
        threshold=block["threshold"],
        unit=block["threshold_type"],
        mails=texts(block.get("subscriber_email_addresses")),
    )


def _queried(query: Mapping[str, Any]) -> model.Metric:
    metric, ident = query["metric"][0], str(query["id"])
    names = metric.get("dimensions") or {}
    return model.Metric(metric["namespace"], metric["metric_name"], metric["stat"], names, ident)


def _watched(r: Planned) -> model.Metric:
    statistic = r["statistic"] or r["extended_statistic"]
    return model.Metric(r["namespace"], r["metric_name"], statistic, r["dimensions"] or {})
