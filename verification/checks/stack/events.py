"""Checks of EventBridge's rules: failures that no metric shows reach a subscriber."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from verification.checks.registry import proves
from verification.checks.stack.topics import heard
from verification.model.contract import Contract, FailureRule
from verification.model.findings import Finding, judge, missing
from verification.model.stack import EventRule, Stack, Text
from verification.model.ternary import Answer, Unknown, all_of, any_of, is_true

_REMEDY = "Add it to modules/monitoring/events.tf."
Event = Mapping[str, Any]


@dataclass(frozen=True)
class _Failure:
    """Something that failed, and the event that AWS sends of it, as far as it is known."""

    what: str
    event: Event


@proves("monitoring")
def report_what_no_metric_shows(stack: Stack, contract: Contract) -> list[Finding]:
    """Each failure in the contract's events matches a rule whose target has a subscriber.

    Amazon EventBridge User Guide, "Amazon EventBridge event patterns":
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
    """
    findings = []
    for rule in contract.events:
        failures = list(_failures(stack, contract, rule))
        findings += [_best_rule(stack, failure) for failure in failures]
        if not failures and (rule.of != "backup vault" or contract.of(stack).backup):
            findings.append(missing(rule.of, f"what '{rule.detail_type}' should be reported of"))
    return findings


def _best_rule(stack: Stack, failure: _Failure) -> Finding:
    """The verdict on the best matching rule."""
    matching = [(rule, matches(rule.pattern, failure.event)) for rule in stack.event_rules]
    candidates = [(rule, answer) for rule, answer in matching if answer is not False]
    if not candidates:
        return missing(failure.what, "an enabled rule of EventBridge that matches it", _REMEDY)
    judged = [(rule, list(_faults(stack, rule, answer))) for rule, answer in candidates]
    rule, faults = min(judged, key=lambda j: [sum(f[0] is v for f in j[1]) for v in (False, None)])
    wrong = "; ".join(text for answer, text in faults if answer is not True)
    answer = all_of(fault[0] for fault in faults)
    return judge(
        rule, answer, f"as rule for {failure.what}: {wrong or 'has a subscriber'}", _REMEDY
    )


def _faults(stack: Stack, rule: EventRule, matched: Answer) -> Iterator[tuple[Answer, str]]:
    """Each condition on a rule, and the message if it does not hold."""
    yield matched, "its pattern asks for something that is not known of the event"
    yield is_true(rule.enabled), "it is disabled"
    yield heard(stack, rule.targets), "none of its targets is a topic with a subscriber"


def matches(pattern: Any, event: Any) -> Answer:
    """Whether a pattern matches an event; None if that is not known.

    Lists hold exact values, one of which must be there. Filters such as `prefix`, and fields that
    are not known of the event, leave it open. In the event, `*` is a part that is not known yet.
    """
    if isinstance(pattern, Unknown) or isinstance(event, Unknown):
        return None
    if isinstance(pattern, Mapping) and isinstance(event, Mapping):
        return all_of(matches(part, event.get(name, Unknown())) for name, part in pattern.items())
    if not isinstance(pattern, list | tuple):
        return False
    values = event if isinstance(event, list | tuple) else [event]
    return any_of(_is_value(one, value) for one in pattern for value in values)


def _is_value(wanted: Any, value: Any) -> Answer:
    if isinstance(wanted, Mapping | Unknown) or isinstance(value, Unknown):
        return None
    return fnmatchcase(str(wanted), str(value))


def _failures(stack: Stack, contract: Contract, rule: FailureRule) -> Iterator[_Failure]:
    for name, more in _watched(stack, rule):
        for field, values in rule.detail.items():
            for value in values:
                detail = {field: value, **more.get("detail", {})}
                event = {
                    "source": rule.source,
                    "detail-type": rule.detail_type,
                    "account": stack.account,
                    "region": stack.region,
                    **more,
                    "detail": detail,
                }
                yield _Failure(f"{value} of {name}", event)


def _watched(stack: Stack, rule: FailureRule) -> Iterator[tuple[str, Event]]:
    """Each thing that can fail, and what only its own events have."""
    if rule.of == "service":
        for service in stack.services:
            yield (
                service.address,
                {"resources": [_service_arn(stack, service.cluster, service.name)]},
            )
    if rule.of == "backup vault":
        for vault in stack.backup_vaults:
            yield vault.address, {"detail": {"backupVaultName": vault.name}}


def _service_arn(stack: Stack, cluster: Text, name: Text) -> Text:
    """The ARN of a service; in a plan its cluster is a reference, for which `*` stands."""
    if isinstance(name, Unknown):
        return name
    short = "*" if isinstance(cluster, Unknown) else str(cluster).rpartition("/")[2]
    return f"arn:{stack.partition}:ecs:{stack.region}:{stack.account}:service/{short}/{name}"
