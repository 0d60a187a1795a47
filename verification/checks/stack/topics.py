"""Checks of the alarm topics: CloudWatch may publish to them, and no other principal."""

from __future__ import annotations

from collections.abc import Iterator

from verification.checks.registry import proves
from verification.checks.stack.policy_documents import admission, listed, statements
from verification.model.contract import Contract
from verification.model.findings import Finding, expect, judge, show
from verification.model.stack import Stack, Text, Topic
from verification.model.ternary import Unknown, contains


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
    """Only alarms of this account may publish to each topic.

    Without a policy, a topic has the default policy of SNS, which allows the whole account ("Amazon
    SNS access control", https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html).
    """
    return [finding for topic in stack.topics for finding in _admitted(topic, stack)]


def _usable(key: Text) -> bool | None:
    return None if isinstance(key, Unknown) else not str(key).endswith("alias/aws/sns")


def _admitted(topic: Topic, stack: Stack) -> Iterator[Finding]:
    if topic.policy is None:
        remedy = "Add an aws_sns_topic_policy that allows cloudwatch.amazonaws.com to publish."
        yield judge(topic, False, "its policy is missing", remedy)
        return
    wanted = "topic's policy", "cloudwatch.amazonaws.com", stack.account
    yield from (expect(topic, *fact) for fact in admission(topic.policy, *wanted))
    for statement in [] if isinstance(topic.policy, Unknown) else statements(topic.policy):
        actions = [str(action).lower() for action in listed(statement.get("Action"))]
        yield expect(topic, "the actions of the topic's policy", actions, ["sns:publish"])
        held = contains(listed(statement.get("Resource")), topic.arn)
        on = ", ".join(map(str, listed(statement.get("Resource"))))
        yield judge(topic, held, f"the resource of the topic's policy is {on}", f"Use {topic.arn}.")
