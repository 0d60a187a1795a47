"""The topics that alarms speak through: CloudWatch may use them, and nobody else."""

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
    """CloudWatch may use each topic: one under AWS's own SNS key drops its messages silently."""
    remedy = "Leave out kms_master_key_id, or name a key whose policy admits CloudWatch."
    return [
        judge(topic, answer, f"its KMS key is {show(topic.kms_key)}{aside}", remedy)
        for topic in stack.topics
        for answer in [_usable(topic.kms_key)]
        for aside in [", AWS's own key, which CloudWatch may not use" * (answer is False)]
    ]


@proves("monitoring")
def admit_alarms_alone(stack: Stack, _: Contract) -> list[Finding]:
    """Alarms of this account may publish to each topic, and nobody else may.

    Without a policy of its own, a topic has SNS's, which admits the whole account ("Amazon SNS
    access control", https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html).
    """
    return [finding for topic in stack.topics for finding in _admitted(topic, stack)]


def _usable(key: Text) -> bool | None:
    return None if isinstance(key, Unknown) else not str(key).endswith("alias/aws/sns")


def _admitted(topic: Topic, stack: Stack) -> Iterator[Finding]:
    if topic.policy is None:
        remedy = "Add aws_sns_topic_policy, which lets cloudwatch.amazonaws.com publish."
        yield judge(topic, False, "its policy is missing", remedy)
        return
    wanted = "topic's policy", "cloudwatch.amazonaws.com", stack.account
    yield from (expect(topic, *fact) for fact in admission(topic.policy, *wanted))
    for statement in [] if isinstance(topic.policy, Unknown) else statements(topic.policy):
        actions = [str(action).lower() for action in listed(statement.get("Action"))]
        yield expect(topic, "what the topic's policy allows", actions, ["sns:publish"])
        held = contains(listed(statement.get("Resource")), topic.arn)
        on = ", ".join(map(str, listed(statement.get("Resource"))))
        yield judge(topic, held, f"the topic's policy is about {on}", f"Name {topic.arn}.")
