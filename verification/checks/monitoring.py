"""The alarms: an alarm counts only if it can fire and somebody hears it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from verification.checks.registry import proves
from verification.model.contract import AlarmRule, Contract
from verification.model.findings import Finding, expect, judge, missing
from verification.model.stack import Alarm, Metric, Stack, Text, Topic
from verification.model.values import Unknown, all_of, is_true, same

_DAY = 86400
_ANY = "*"
Fault = tuple[bool | None, str]


@dataclass(frozen=True)
class _Target:
    """What one alarm must watch: a metric with exactly these dimensions."""

    name: str
    namespace: Text
    metric: Text
    dimensions: Mapping[str, Text]


@proves("monitoring")
def watch_every_failure(stack: Stack, contract: Contract) -> list[Finding]:
    """Each failure of the contract has an alarm that can fire and reaches someone."""
    return [
        _best_alarm(stack, rule, target)
        for rule in contract.monitoring
        for target in _targets(stack, contract, rule)
    ]


@proves("monitoring")
def topics_deliver(stack: Stack, _: Contract) -> list[Finding]:
    """CloudWatch may use each topic: one under AWS's own SNS key drops its messages silently."""
    return [
        expect(topic, "the topic's KMS key is AWS's own", topic.kms_key == "alias/aws/sns", False)
        for topic in stack.topics
    ]


def _best_alarm(stack: Stack, rule: AlarmRule, target: _Target) -> Finding:
    """The verdict on the alarm that comes nearest to what is wanted."""
    what = f"{target.metric} of {target.name}"
    candidates = [
        (alarm, metric)
        for alarm in stack.alarms
        for metric in alarm.metrics
        if (metric.namespace, metric.name) == (target.namespace, target.metric)
    ]
    if not candidates:
        return missing(what, "an alarm", "Add it to modules/monitoring.")
    judged = [(a, list(_faults(stack, rule, target, a, m))) for a, m in candidates]
    # Fewest certain faults first, then fewest open questions.
    alarm, faults = min(judged, key=lambda j: [sum(f[0] is v for f in j[1]) for v in (False, None)])
    answer = all_of(fault[0] for fault in faults)
    wrong = "; ".join(text for verdict, text in faults if verdict is not True)
    return judge(alarm, answer, f"as the alarm for {what}: {wrong or 'can fire and is heard'}")


def _targets(stack: Stack, contract: Contract, rule: AlarmRule) -> Iterator[_Target]:
    if rule.of == "logs":
        yield from _log_targets(stack)
        return
    for name, dimensions in _watched(stack, contract, rule.of):
        wanted = dimensions | dict.fromkeys(rule.dimensions, _ANY)
        for metric in rule.metrics:
            yield _Target(name, rule.namespace, metric, wanted)


def _watched(stack: Stack, contract: Contract, of: str) -> Iterator[tuple[str, dict[str, Text]]]:
    if of == "table":
        for table in contract.tables:
            name = contract.text(table.name, stack)
            yield name, {"TableName": name}
    if of == "load balancer":
        for balancer in stack.load_balancers:
            yield balancer.address, {"LoadBalancer": balancer.arn_suffix}
    if of == "target group":
        for balancer in stack.load_balancers:
            for group in stack.target_groups:
                suffixes = {"LoadBalancer": balancer.arn_suffix, "TargetGroup": group.arn_suffix}
                yield group.address, suffixes
    if of == "service":
        for service in stack.services:
            yield service.address, {"ServiceName": service.name, "ClusterName": _ANY}


def _log_targets(stack: Stack) -> Iterator[_Target]:
    """The metrics counted from the error lines of each log group; none at all is a target too."""
    for group in stack.log_groups:
        filters = [
            f
            for f in stack.metric_filters
            if same(f.log_group, group.name) and "ERROR" in str(f.pattern)
        ]
        for found in filters:
            yield _Target(group.address, found.namespace, found.metric, {})
        if not filters and str(group.name).startswith("/ecs/"):
            yield _Target(group.address, None, "a metric filter for ERROR lines", {})


def _faults(
    stack: Stack, rule: AlarmRule, target: _Target, alarm: Alarm, metric: Metric
) -> Iterator[Fault]:
    """Each condition on which the alarm counts, with whether it holds and what if not."""
    dims = ", ".join(f"{k}={v}" for k, v in (_dimensions(metric)).items()) or "no dimensions"
    yield _same_dimensions(metric, target), f"watches {dims}"
    if rule.statistic:
        yield same(metric.statistic, rule.statistic), f"statistic is {metric.statistic}"
    direction = {"above": "GreaterThan", "below": "LessThan"}[rule.comparison]
    yield str(alarm.comparison).startswith(direction), f"compares with {alarm.comparison}"
    yield _within(alarm, rule), f"a threshold of {alarm.threshold} never fires in time"
    if rule.comparison == "below":
        missing_data = f"missing data is {alarm.missing_data}, and nothing running sends none"
        yield same(alarm.missing_data, "breaching"), missing_data
    yield _in_time(alarm), "its periods are longer than a day or fewer than its data points"
    yield is_true(alarm.actions_enabled), "its actions are switched off"
    yield _heard(stack, alarm), "none of its actions reaches a subscriber"


def _dimensions(metric: Metric) -> Mapping[str, Text]:
    return {} if isinstance(metric.dimensions, Unknown) else metric.dimensions


def _same_dimensions(metric: Metric, target: _Target) -> bool | None:
    if isinstance(metric.dimensions, Unknown):
        return None
    # Behind a load balancer, AWS emits most metrics with and without the target group.
    optional = {"TargetGroup"} - set(target.dimensions)
    found = {k: v for k, v in metric.dimensions.items() if k not in optional}
    if found.keys() != target.dimensions.keys():
        return False
    return all_of(
        same(found[key], wanted) for key, wanted in target.dimensions.items() if wanted != _ANY
    )


def _within(alarm: Alarm, rule: AlarmRule) -> bool | None:
    if alarm.threshold is None or isinstance(alarm.threshold, Unknown):
        return None
    return rule.threshold.minimum <= alarm.threshold <= rule.threshold.maximum


def _in_time(alarm: Alarm) -> bool | None:
    numbers = (alarm.period, alarm.evaluation_periods, alarm.datapoints_to_alarm or 1)
    if any(number is None or isinstance(number, Unknown) for number in numbers):
        return None
    period, periods, datapoints = (float(str(number)) for number in numbers)
    return period * periods <= _DAY and datapoints <= periods


def _heard(stack: Stack, alarm: Alarm) -> bool | None:
    if isinstance(alarm.actions, Unknown):
        return None
    reached = [
        same(action, topic.arn) and _has_subscriber(stack, topic)
        for action in alarm.actions
        for topic in stack.topics
    ]
    return True if True in reached else None if None in reached else False


def _has_subscriber(stack: Stack, topic: Topic) -> bool | None:
    answers = [same(subscription.topic, topic.arn) for subscription in stack.subscriptions]
    return True if True in answers else None if None in answers else False
