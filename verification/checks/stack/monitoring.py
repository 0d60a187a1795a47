"""Checks of the alarms: an alarm counts only if it can fire and its action has a subscriber."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from verification.checks.registry import proves
from verification.checks.stack.alarm_timing import in_time, lasts, waits_for_requests, within
from verification.checks.stack.topics import heard
from verification.model.contract import AlarmRule, Contract
from verification.model.findings import Finding, judge, missing
from verification.model.stack import (
    Alarm,
    LogGroup,
    Metric,
    MetricFilter,
    Stack,
    Text,
)
from verification.model.ternary import Unknown, all_of, contains, is_true, same

_ANY = "*"
Fault = tuple[bool | None, str]


@dataclass(frozen=True)
class _Target:
    """A metric with exact dimensions that one alarm must watch.

    `is_ours` is None while the plan does not show what the metric counts.
    """

    name: str
    namespace: Text
    metric: Text
    dimensions: Mapping[str, Text]
    is_ours: bool | None = True


@proves("monitoring")
def watch_every_failure(stack: Stack, contract: Contract) -> list[Finding]:
    """Each failure in the contract has an alarm that can fire and reaches a subscriber."""
    findings = []
    for rule in contract.monitoring:
        targets = list(_targets(stack, contract, rule))
        findings += [_best_alarm(stack, rule, target) for target in targets]
        if not targets:
            what = f"what {' and '.join(rule.metrics)} should be watched of"
            findings.append(missing(rule.of, what))
    return findings


def _best_alarm(stack: Stack, rule: AlarmRule, target: _Target) -> Finding:
    """The verdict on the best matching alarm."""
    what = f"{target.metric} of {target.name}"
    candidates = [
        (alarm, metric)
        for alarm in stack.alarms
        for metric in alarm.metrics
        if _same_metric(metric, target) is not False
    ]
    if not candidates:
        return missing(what, "an alarm", "Add it to modules/monitoring.")
    judged = [(a, list(_faults(stack, rule, target, a, m))) for a, m in candidates]
    # Fewest certain faults first, then fewest unknowns.
    alarm, faults = min(judged, key=lambda j: [sum(f[0] is v for f in j[1]) for v in (False, None)])
    answer = all_of(fault[0] for fault in faults)
    wrong = "; ".join(text for verdict, text in faults if verdict is not True)
    return judge(alarm, answer, f"as alarm for {what}: {wrong or 'can fire, has a subscriber'}")


def _targets(stack: Stack, contract: Contract, rule: AlarmRule) -> Iterator[_Target]:
    if rule.of == "logs":
        yield from _log_targets(stack)
        return
    for name, dimensions in _watched(stack, contract, rule.of):
        for metric in rule.metrics:
            if "Operation" not in rule.dimensions:
                yield _Target(name, rule.namespace, metric, dimensions)
                continue
            for operation in (action.partition(":")[2] for action in contract.access.actions):
                wanted = dimensions | {"Operation": operation}
                yield _Target(f"{name} ({operation})", rule.namespace, metric, wanted)


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
            # In a plan, the service refers to the cluster by another attribute than the alarm does.
            known = not isinstance(service.cluster, Unknown)
            cluster = str(service.cluster).rpartition("/")[2] if known else _ANY
            yield service.address, {"ServiceName": service.name, "ClusterName": cluster}


def _log_targets(stack: Stack) -> Iterator[_Target]:
    """The error metrics of each log group; a group without one is a target, too."""
    for group in stack.log_groups:
        counted = [(_counts_errors(found, group), found) for found in stack.metric_filters]
        filters = [(answer, found) for answer, found in counted if answer is not False]
        for answer, found in filters:
            yield _Target(group.address, found.namespace, found.metric, {}, answer)
        if not filters and str(group.name).startswith("/ecs/"):
            yield _Target(group.address, None, "a metric filter for ERROR lines", {})


def _counts_errors(found: MetricFilter, group: LogGroup) -> bool | None:
    pattern = None if isinstance(found.pattern, Unknown) else "ERROR" in str(found.pattern)
    return all_of((same(found.log_group, group.name), pattern))


def _faults(
    stack: Stack, rule: AlarmRule, target: _Target, alarm: Alarm, metric: Metric
) -> Iterator[Fault]:
    """Each condition on an alarm, and the message if it does not hold."""
    yield target.is_ours, "the source of its metric is known only after apply"
    yield _same_metric(metric, target), f"watches {metric.namespace} {metric.name}"
    dims = ", ".join(f"{k}={v}" for k, v in (_dimensions(metric)).items()) or "no dimensions"
    yield _same_dimensions(stack, metric, target), f"watches {dims}"
    if rule.statistic:
        yield same(metric.statistic, rule.statistic), f"statistic is {metric.statistic}"
    direction = {"above": "GreaterThan", "below": "LessThan"}[rule.comparison]
    is_open = isinstance(alarm.comparison, Unknown)
    right_way = None if is_open else str(alarm.comparison).startswith(direction)
    yield right_way, f"compares with {alarm.comparison}"
    yield within(alarm, rule), f"its threshold of {alarm.threshold} is out of range"
    if rule.comparison == "below":
        missing_data = f"treat_missing_data is {alarm.missing_data}, but no tasks means no data"
        yield same(alarm.missing_data, "breaching"), missing_data
    yield in_time(alarm), "its periods exceed a day or are fewer than datapoints_to_alarm"
    yield lasts(alarm, rule), f"acts on what lasts less than {rule.lasting} seconds"
    few = f"acts on fewer than {rule.minimum_samples} requests"
    yield waits_for_requests(alarm, rule, metric), few
    yield is_true(alarm.actions_enabled), "its actions are disabled"
    yield heard(stack, alarm.actions), "none of its actions has a subscriber"


def _dimensions(metric: Metric) -> Mapping[str, Text]:
    return {} if isinstance(metric.dimensions, Unknown) else metric.dimensions


def _same_metric(metric: Metric, target: _Target) -> bool | None:
    return same((metric.namespace, metric.name), (target.namespace, target.metric))


def _same_dimensions(stack: Stack, metric: Metric, target: _Target) -> bool | None:
    if isinstance(metric.dimensions, Unknown):
        return None
    found, answers = dict(metric.dimensions), []
    # Application Load Balancers emit most metrics with and without the TargetGroup dimension, but
    # not those of responses that the load balancer itself generates.
    optional = "TargetGroup" in found and "TargetGroup" not in target.dimensions
    if optional and not str(target.metric).startswith("HTTPCode_ELB_"):
        groups = [group.arn_suffix for group in stack.target_groups]
        answers.append(contains(groups, found.pop("TargetGroup")))
    if found.keys() != target.dimensions.keys():
        return False
    wanted = target.dimensions.items()
    return all_of([*answers, *(same(found[key], value) for key, value in wanted if value != _ANY)])
