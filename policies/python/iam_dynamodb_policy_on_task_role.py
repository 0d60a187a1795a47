"""The task role has access to DynamoDB, and no other role has.

The execution role is used by ECS to start a task: access there does not help the application, and
is missed in reviews of the application's permissions.
"""

from typing import Any

from fsp.documents import allows_any_of, statements
from fsp.policy import Answer, Policy, fail, hold, unknown
from fsp.resources import Resource, same_text
from fsp.roles import TASK, denotes, role_of, use_of
from fsp.values import UNKNOWN, gapped

ID = "CKV_FSP_10"
NAME = "The DynamoDB policy is attached to the task role only"
SEVERITY = "HIGH"
CRITERION = "task-role-permissions"
GUIDELINE = (
    "The application runs with the task role (task_role_arn), ECS starts it with the execution "
    "role (execution_role_arn). Attach the policy that allows DynamoDB to the task role alone: "
    "aws_iam_role_policy_attachment with role = the task role's name."
)

POLICY, INLINE = "aws_iam_policy", "aws_iam_role_policy"
ATTACHMENT, DEFINITION = "aws_iam_role_policy_attachment", "aws_ecs_task_definition"
# AWS managed policies that allow DynamoDB, by a part of their names.
_MANAGED = ("DynamoDB", "AdministratorAccess", "PowerUserAccess")


def judge(resource: Resource) -> list[Answer]:
    """A task definition's task role has access; attachments give access to task roles only."""
    return [_of_definition(resource)] if resource.kind == DEFINITION else _of_attachment(resource)


def _of_attachment(attachment: Resource) -> list[Answer]:
    allows = _allows(attachment)
    if allows is False:
        return []
    role = role_of(attachment, attachment.raw("role"))
    use = UNKNOWN if role is None else use_of(role)
    if use is UNKNOWN:
        return [unknown("whether the role is a task role is not known yet")]
    if use == TASK:
        return [hold("it is attached to a task role")]
    if allows is UNKNOWN:
        return [unknown("whether the policy allows DynamoDB is not known yet")]
    return [fail(f"DynamoDB is allowed to {use or 'a role of no task'}")]


def _of_definition(definition: Resource) -> Answer:
    arn = definition.raw("task_role_arn")
    if arn is None:
        return fail("the task has no task role")
    role = role_of(definition, arn)
    if role is None:
        return unknown("the task role is not known yet")
    if denotes(definition, definition.raw("execution_role_arn"), role) is True:
        return fail("the task role is also the execution role")
    gives = {
        (_allows(one), denotes(one, one.raw("role"), role))
        for kind in (ATTACHMENT, INLINE)
        for one in definition.others(kind)
    }
    if (True, True) in gives:
        return hold("the task role has access to DynamoDB")
    if any(False not in give for give in gives):
        return unknown("the task role's permissions are not known yet")
    return fail("the task role has no policy that allows DynamoDB")


def _allows(attachment: Resource) -> Any:
    """Whether the attached policy allows DynamoDB: True, False or UNKNOWN."""
    if attachment.kind == INLINE:
        return _document_allows(attachment)
    arn = attachment.raw("policy_arn")
    policy = attachment.referred(arn, POLICY) or _named(attachment, arn)
    if policy is not None:
        return _document_allows(policy)
    name = gapped(arn).rpartition("/")[2] if isinstance(arn, str) else ""
    if isinstance(arn, str) and "iam::aws:" in arn:
        return any(part in name for part in _MANAGED)
    return UNKNOWN


def _document_allows(policy: Resource) -> Any:
    return allows_any_of("dynamodb", statements(policy, "policy"))


def _named(attachment: Resource, arn: Any) -> Resource | None:
    """The policy whose name is the end of the ARN, which may be built from names."""
    tail = arn.rpartition("policy/")[2] if isinstance(arn, str) else None
    for policy in attachment.others(POLICY):
        if same_text(policy.raw("name"), tail) is True:
            return policy
    return None


check = Policy(ID, NAME, GUIDELINE, [ATTACHMENT, INLINE, DEFINITION], judge)
