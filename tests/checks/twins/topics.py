"""Topics through which no alarm would be heard, or to which others may write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.checks.edits import Change, edit
from tests.checks.kit import Case, Twin
from verification.checks.stack import topics
from verification.model.ternary import Unknown
from verification.model.verdict import Verdict

TOPIC = "aws_sns_topic.alarms"
DELIVER, ADMIT = topics.deliver_what_alarms_say, topics.admit_alarms_alone
NOBODY = "the principals of the topic's policy are"


def admitting(**changes: Any) -> Change:
    """Change the statement of the topic's policy about alarms."""
    return stating(lambda alarms, events: [alarms | changes, events])


def to_events(**changes: Any) -> Change:
    """Change the statement about EventBridge."""
    return stating(lambda alarms, events: [alarms, events | changes])


def stating(change: Callable[[Any, Any], list[Any]]) -> Change:
    """Change the two statements of the topic's policy."""
    return edit("topics", TOPIC, policy=lambda d: d | {"Statement": change(*d["Statement"])})


def admitted(what: str, change: Change, says: str) -> Twin:
    """A topic whose policy is wrong."""
    return Twin(ADMIT, what, change, TOPIC, says)


TWINS = [
    Twin(
        DELIVER,
        "AWS's own key",
        edit("topics", kms_key="alias/aws/sns"),
        TOPIC,
        "the AWS managed key",
    ),
    Twin(
        DELIVER,
        "AWS's own key by its ARN",
        edit("topics", kms_key="arn:aws:kms:us-east-1:123456789012:alias/aws/sns"),
        TOPIC,
        "the AWS managed key",
    ),
    admitted(
        "no policy",
        edit("topics", TOPIC, policy=None),
        "its policy is missing. Add an aws_sns_topic_policy that allows cloudwatch.amazonaws.com",
    ),
    admitted("everybody", admitting(Principal="*"), f"{NOBODY} '*'"),
    admitted(
        "every caller of the account, as by default",
        admitting(
            Principal={"AWS": "*"}, Condition={"StringEquals": {"AWS:SourceOwner": "123456789012"}}
        ),
        f"{NOBODY} AWS = '*'; expected Service = 'cloudwatch.amazonaws.com'",
    ),
    admitted("another service", admitting(Principal={"Service": "s3.amazonaws.com"}), NOBODY),
    admitted(
        "alarms of any account",
        admitting(Condition={}),
        "the aws:SourceAccount values of the topic's policy are none; expected '123456789012'",
    ),
    admitted("denied", admitting(Effect="Deny"), "the effects of the topic's policy are 'Deny'"),
    admitted(
        "no statement",
        edit("topics", TOPIC, policy={"Statement": []}),
        "effects of the topic's policy are none",
    ),
    admitted(
        "may subscribe as well",
        admitting(Action=["sns:Publish", "sns:Subscribe"]),
        "the actions of the topic's policy are 'sns:publish', 'sns:subscribe'; expected "
        "'sns:publish'",
    ),
    admitted(
        "EventBridge left out",
        stating(lambda alarms, events: [alarms]),
        "EventBridge is not allowed to publish to it. Allow events.amazonaws.com to do so",
    ),
    admitted(
        "EventBridge for this account alone, as it never says",
        to_events(Condition={"StringEquals": {"aws:SourceAccount": "123456789012"}}),
        "the condition of EventBridge's statement in the topic's policy is StringEquals = ",
    ),
    admitted(
        "EventBridge turned away",
        to_events(Effect="Deny"),
        "the effect of EventBridge's statement in the topic's policy is 'Deny'; expected 'Allow'",
    ),
    admitted(
        "EventBridge may subscribe as well",
        to_events(Action=["sns:Publish", "sns:Subscribe"]),
        "the actions of the topic's policy are 'sns:publish', 'sns:subscribe'",
    ),
    Twin(
        ADMIT,
        "about another topic",
        admitting(Resource="arn:aws:sns:us-east-1:123456789012:other"),
        TOPIC,
        "the resource of the topic's policy is arn:aws:sns:us-east-1:123456789012:other. Use ",
        planned=Verdict.UNKNOWN,
    ),
]

OPEN = [
    Case(DELIVER, "key", edit("topics", kms_key=Unknown())),
    Case(ADMIT, "policy", edit("topics", policy=Unknown())),
    Case(ADMIT, "resource", admitting(Resource=Unknown())),
    Case(ADMIT, "account", admitting(Condition={"StringEquals": {"aws:SourceAccount": Unknown()}})),
]

HARMLESS = [
    Case(DELIVER, "customer's own key", edit("topics", kms_key="alias/ours")),
    Case(ADMIT, "action in lower case, in no list", admitting(Action="sns:publish")),
    Case(
        ADMIT,
        "EventBridge first, in a list",
        stating(
            lambda alarms, events: [
                events | {"Principal": {"Service": ["events.amazonaws.com"]}},
                alarms,
            ]
        ),
    ),
]
