"""Checks of the alarm topics: who may publish to them, and who hears of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from verification.checks.registry import proves
from verification.checks.stack.policy_documents import admission, listed, principals, statements
from verification.model.contract import Contract
from verification.model.findings import Finding, expect, judge, missing, show
from verification.model.stack import Stack, Text, Texts, Topic
from verification.model.ternary import Unknown, all_of, any_of, contains, same

_EVENTS = {"Service": ["events.amazonaws.com"]}


@proves("monitoring")
def deliver_what_alarms_say(stack: Stack, _: Contract) -> list[Finding]:
    """CloudWatch can use each topic's key; messages to a topic with the AWS managed key are lost.

    Amazon SNS Developer Guide, "Key management":
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    """
    remedy = "Remove kms_master_key_id, or use a key whose policy allows CloudWatch."
    return [
        judge(topic, answer, f"its KMS key is {show(topic.kms_key)}{aside}", remedy)
        for topic in stack.topics
        for answer in [_usable(topic.kms_key)]
        for aside in [", the AWS managed key, which CloudWatch cannot use" * (answer is False)]
    ]


@proves("monitoring")
def admit_alarms_alone(stack: Stack, _: Contract) -> list[Finding]:
    """Only alarms of this account, and EventBridge for its rules, may publish to each topic.

    Without a policy, a topic has the default policy of SNS, which allows the whole account ("Amazon
    SNS access control", https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html).
    EventBridge must be allowed without a condition, or its messages are lost (Amazon EventBridge
    User Guide, "Using resource-based policies for Amazon EventBridge",
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html).
    """
    return [finding for topic in stack.topics for finding in _admitted(topic, stack)]


def every_address_has_confirmed(stack: Stack) -> list[Finding]:
    """Each subscription in AWS is confirmed: until then its address hears of no alarm.

    Amazon SNS API Reference, "Subscribe":
    https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
    """
    state = {True: "has not confirmed its subscription", False: "has confirmed its subscription"}
    remedy = "Confirm it by the link in AWS's mail, or replace the address in the .tfvars."
    return [
        judge(one, not one.pending, f"{show(one.endpoint)} {state[one.pending]}", remedy)
        for one in stack.subscriptions
    ] or [missing("the alarms' topic", "a subscription", "Apply modules/monitoring.")]


def heard(stack: Stack, receivers: Texts) -> bool | None:
    """Whether one of the receivers is a topic of the stack that has a subscriber."""
    if isinstance(receivers, Unknown):
        return None
    return any_of(
        all_of((same(receiver, topic.arn), _has_subscriber(stack, topic)))
        for receiver in receivers
        for topic in stack.topics
    )


def _admits_events(topic: Topic, found: list[Mapping[str, Any]], stack: Stack) -> Iterator[Finding]:
    """Whether EventBridge may publish to a topic that is a rule's target, without a condition."""
    for statement in found:
        what = "EventBridge's statement in the topic's policy"
        yield expect(topic, f"the effect of {what}", statement.get("Effect"), "Allow")
        remedy = "Remove it: SNS gets nothing from EventBridge to compare it with."
        condition = statement.get("Condition") or None
        yield expect(topic, f"the condition of {what}", condition, None, remedy)
    targets = [contains(rule.targets, topic.arn) for rule in stack.event_rules]
    if not isinstance(topic.policy, Unknown) and any_of(targets) is not False:
        answer = True if found else False if True in targets else None
        said = "is allowed" if found else "is not allowed"
        remedy = "Allow events.amazonaws.com to do so: rules have the topic as their target."
        yield judge(topic, answer, f"EventBridge {said} to publish to it", remedy)


def _usable(key: Text) -> bool | None:
    return None if isinstance(key, Unknown) else not str(key).endswith("alias/aws/sns")


def _admitted(topic: Topic, stack: Stack) -> Iterator[Finding]:
    if topic.policy is None:
        remedy = "Add an aws_sns_topic_policy that allows cloudwatch.amazonaws.com to publish."
        yield judge(topic, False, "its policy is missing", remedy)
        return
    known = {} if isinstance(topic.policy, Unknown) else topic.policy
    to_events = [one for one in statements(known) if principals(one) == _EVENTS]
    others = [one for one in statements(known) if one not in to_events]
    rest = {**known, "Statement": others} if known else topic.policy
    wanted = "topic's policy", "cloudwatch.amazonaws.com", stack.account
    yield from (expect(topic, *fact) for fact in admission(rest, *wanted))
    yield from _admits_events(topic, to_events, stack)
    for statement in statements(known):
        actions = [str(action).lower() for action in listed(statement.get("Action"))]
        yield expect(topic, "the actions of the topic's policy", actions, ["sns:publish"])
        held = contains(listed(statement.get("Resource")), topic.arn)
        on = ", ".join(map(str, listed(statement.get("Resource"))))
        yield judge(topic, held, f"the resource of the topic's policy is {on}", f"Use {topic.arn}.")


def _has_subscriber(stack: Stack, topic: Topic) -> bool | None:
    return any_of(
        all_of((same(subscription.topic, topic.arn), not subscription.pending))
        for subscription in stack.subscriptions
    )
