"""Alarms on each table: without them, throttling looks like a slow application.

Alarms are searched in the whole root module, by the table in their dimensions.
"""

from collections.abc import Mapping
from typing import Any

from fsp.policy import Answer, Policy, fail, hold, unknown
from fsp.resources import Resource, same_text
from fsp.values import UNKNOWN, as_list

ID = "CKV_FSP_7"
NAME = "Throttled reads and writes of a table raise an alarm"
SEVERITY = "MEDIUM"
CRITERION = "monitoring"
GUIDELINE = (
    "Throttled requests are slow or fail, without notice. Add an "
    "aws_cloudwatch_metric_alarm of AWS/DynamoDB for each of ReadThrottleEvents and "
    "WriteThrottleEvents, with dimensions = { TableName = the table's name } and alarm_actions."
)

METRICS = ("ReadThrottleEvents", "WriteThrottleEvents")


def judge(table: Resource) -> list[Answer]:
    """Each metric has an alarm with an action."""
    alarms = table.others("aws_cloudwatch_metric_alarm")
    return [_of_metric(table, metric, alarms) for metric in METRICS]


def _of_metric(table: Resource, metric: str, alarms: list[Resource]) -> Answer:
    watching = [_watches(alarm, table, metric) for alarm in alarms]
    if True in watching:
        return hold(f"{metric} has an alarm")
    if UNKNOWN in watching:
        return unknown(f"whether an alarm watches {metric} is not known yet")
    return fail(f"no alarm watches {metric}")


def _watches(alarm: Resource, table: Resource, metric: str) -> Any:
    """Whether an alarm on this metric of this table has an action: True, False or UNKNOWN."""
    answers = [
        _is(alarm.value("namespace"), "AWS/DynamoDB"),
        _is(alarm.value("metric_name"), metric),
        _names(alarm, alarm.raw("dimensions"), table),
        _acts(alarm),
    ]
    if False in answers:
        return False
    return UNKNOWN if UNKNOWN in answers else True


def _is(value: Any, wanted: str) -> Any:
    return UNKNOWN if value is UNKNOWN else value == wanted


def _acts(alarm: Resource) -> Any:
    """Whether there is an action; a topic that is not known yet counts as one."""
    if alarm.referred(alarm.raw("alarm_actions"), "aws_sns_topic") is not None:
        return True
    actions = alarm.value("alarm_actions")
    return UNKNOWN if actions is UNKNOWN else bool(as_list(actions))


def _names(alarm: Resource, dimensions: Any, table: Resource) -> Any:
    """Whether dimensions are this table's, and not those of an index."""
    if dimensions is None:
        return False
    if not isinstance(dimensions, Mapping):
        # A plan has one reference instead of a map with unknown parts.
        return _is_name(alarm, dimensions, table)
    name = as_list(dimensions.get("TableName"))
    within = {"GlobalSecondaryIndexName", "Operation"} & set(dimensions)
    return _is_name(alarm, name[0], table) if name and not within else False


def _is_name(alarm: Resource, name: Any, table: Resource) -> Any:
    referred = alarm.referred(name, table.kind)
    return same_text(name, table.raw("name")) if referred is None else referred.is_same(table)


check = Policy(ID, NAME, GUIDELINE, ["aws_dynamodb_table"], judge)
