"""Checks that the DynamoDB policy is attached to the task role only, and who may assume the roles.

`privileges` checks what the policies allow.
"""

from __future__ import annotations

from verification.checks.registry import proves
from verification.checks.stack.policy_documents import admission
from verification.model import role_policies
from verification.model.contract import Contract
from verification.model.findings import Finding, expect, judge, missing, show
from verification.model.stack import Role, Stack, TaskDefinition
from verification.model.ternary import contains, negate


@proves("task-role-permissions")
def task_role_has_the_policy(stack: Stack, contract: Contract) -> list[Finding]:
    """The DynamoDB policy exists and is attached to the role of each task definition."""
    arn = _policy_arn(stack, contract)
    remedy = "Pass module.dynamodb.policy_arn as dynamodb_policy_arn to modules/ecs-flask-backend."
    findings = [
        judge(role, contains(role.attached, arn), _attachment(role, arn), remedy)
        for role in role_policies.task_roles(stack)
    ]
    for definition in stack.task_definitions:
        answer = _has_role(definition, stack)
        if not answer:
            text = f"its task role is {show(definition.task_role)}, not a role of this stack"
            findings.append(judge(definition, answer, text, "Use the stack's task role."))
    name, names = contract.text(contract.access.policy, stack), [p.name for p in stack.policies]
    if name not in names:
        remedy = "Add aws_iam_policy.dynamodb_access."
        findings.append(missing(name, "the policy", remedy, names))
    return findings


@proves("task-role-permissions")
def only_the_task_role_has_the_policy(stack: Stack, contract: Contract) -> list[Finding]:
    """No other role has the policy, in particular not the execution role."""
    arn = _policy_arn(stack, contract)
    task_roles = role_policies.task_roles(stack)
    # While a task definition's role is unknown, any role may be a task role.
    is_open = any(_has_role(definition, stack) is None for definition in stack.task_definitions)
    return [
        judge(role, None if is_open and answer is False else answer, said, "Detach it.")
        for role in stack.roles
        if role not in task_roles
        for answer in [negate(contains(role.attached, arn))]
        for said in [_attachment(role, arn)]
    ]


@proves("task-role-permissions")
def only_tasks_assume_the_roles(stack: Stack, _: Contract) -> list[Finding]:
    """The trust policies allow ECS tasks of this account and no other principal."""
    both = (*role_policies.task_roles(stack), *role_policies.execution_roles(stack))
    used = {id(role): role for role in both}
    wanted = "trust policy", "ecs-tasks.amazonaws.com", stack.account
    return [expect(r, *fact) for r in used.values() for fact in admission(r.trust, *wanted)]


def _has_role(definition: TaskDefinition, stack: Stack) -> bool | None:
    """Whether a task definition's role is a role of the stack."""
    wanted = definition.task_role
    return False if wanted is None else contains([role.arn for role in stack.roles], wanted)


def _policy_arn(stack: Stack, contract: Contract) -> str:
    return role_policies.arn_of(contract.text(contract.access.policy, stack), stack)


def _attachment(role: Role, arn: str) -> str:
    state = {True: "attached", False: "not attached", None: "possibly attached"}
    return f"{arn} is {state[contains(role.attached, arn)]}"
