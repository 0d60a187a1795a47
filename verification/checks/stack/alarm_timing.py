"""When an alarm acts: above which threshold, after how long, and on how many requests."""

from __future__ import annotations

import re

from verification.model.contract import AlarmRule
from verification.model.stack import Alarm, Metric, Number
from verification.model.ternary import Unknown, all_of, same

_DAY = 86400
# Metric math that takes a metric as 0 unless there were enough requests.
_GUARD = re.compile(
    r"\s*IF\(\s*(?P<count>\w+)\s*>=\s*(?P<least>\d+)\s*,\s*(?P<judged>\w+)\s*,\s*0\s*\)\s*"
)


def within(alarm: Alarm, rule: AlarmRule) -> bool | None:
    """Whether its threshold can be reached."""
    if alarm.threshold is None or isinstance(alarm.threshold, Unknown):
        return None
    return rule.threshold.minimum <= alarm.threshold <= rule.threshold.maximum


def in_time(alarm: Alarm) -> bool | None:
    """Whether it can act at all, and within a day."""
    period, periods = _number(alarm.period), _number(alarm.evaluation_periods)
    datapoints = _number(alarm.datapoints_to_alarm or 1)
    within_a_day = None if period is None or periods is None else period * periods <= _DAY
    can_fill = None if datapoints is None or periods is None else datapoints <= periods
    return all_of((within_a_day, can_fill))


def lasts(alarm: Alarm, rule: AlarmRule) -> bool | None:
    """Whether it acts only on what lasts long enough; without datapoints_to_alarm, all periods."""
    period = _number(alarm.period)
    datapoints = _number(alarm.datapoints_to_alarm or alarm.evaluation_periods)
    if not rule.lasting:
        return True
    return None if period is None or datapoints is None else period * datapoints >= rule.lasting


def waits_for_requests(alarm: Alarm, rule: AlarmRule, metric: Metric) -> bool | None:
    """Whether it ignores a metric of few requests: by its setting, or by its expression.

    Amazon CloudWatch User Guide, "Percentile-based alarms and low data samples": with `ignore` it
    takes no notice of fewer than 10 / (1 - percentile), such as 200 for p95.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html
    """
    if not rule.minimum_samples:
        return True
    if any(isinstance(value, Unknown) for value in (alarm.expression, alarm.low_samples)):
        return None
    if alarm.expression is None:
        return alarm.low_samples == "ignore"
    found = _GUARD.fullmatch(str(alarm.expression))
    counts = {other.id for other in alarm.metrics if _counts_requests(other, metric)}
    if found is None or found["judged"] != metric.id or found["count"] not in counts:
        return False
    return int(found["least"]) >= rule.minimum_samples


def _counts_requests(other: Metric, metric: Metric) -> bool:
    """Whether it is the number of requests behind another metric."""
    alike = same((other.namespace, other.dimensions), (metric.namespace, metric.dimensions))
    return alike is not False and (other.name, other.statistic) == ("RequestCount", "Sum")


def _number(value: Number) -> float | None:
    return None if value is None or isinstance(value, Unknown) else float(value)
