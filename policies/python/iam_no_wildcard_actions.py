"""Named actions: `dynamodb:*` includes DeleteTable, and every action that AWS will add."""

from typing import Any

from fsp.documents import IDENTITY, Statement, statements
from fsp.policy import Answer, Policy, fail, hold, unknown
from fsp.resources import Resource
from fsp.values import UNKNOWN, known

ID = "CKV_FSP_9"
NAME = "Allowed actions are named: no wildcards, no NotAction"
SEVERITY = "HIGH"
CRITERION = "least-privilege"
GUIDELINE = (
    "A wildcard allows more than needed, including table administration and future actions. "
    "List the actions, such as dynamodb:GetItem; to allow all except some, deny those "
    "in a separate statement."
)

POLICIES = IDENTITY | {
    "aws_s3_bucket_policy": "policy",
    "aws_sns_topic_policy": "policy",
    "aws_iam_role": "assume_role_policy",
}


def judge(policy: Resource) -> list[Answer]:
    """Each action of each statement that allows is named in full."""
    found = statements(policy, POLICIES[policy.kind])
    if found is UNKNOWN:
        return [unknown("the policy document is not known yet")]
    if not found:
        return [hold("it has no statement")]
    return [answer for one in found for answer in _of_statement(one)]


def _of_statement(statement: Statement) -> list[Answer]:
    if statement.allows is False:
        return [hold("it denies")]
    if statement.not_actions is UNKNOWN or statement.actions is UNKNOWN:
        return [unknown("the actions of a statement are not known yet")]
    if statement.allows is UNKNOWN:
        return [unknown("whether a statement allows is not known yet")]
    if statement.not_actions:
        return [fail("NotAction allows all other actions")]
    return [_of_action(action) for action in statement.actions]


def _of_action(action: Any) -> Answer:
    if "*" in str(action) or "?" in str(action):
        return fail(f"{action} is a wildcard")
    if known(action) is UNKNOWN:
        return unknown("an action is not known yet")
    return hold(f"{action} is named")


check = Policy(ID, NAME, GUIDELINE, list(POLICIES), judge)
