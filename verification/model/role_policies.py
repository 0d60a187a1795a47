"""The policy documents of a role: inline and attached."""

from __future__ import annotations

from collections.abc import Iterator

from verification.model.stack import Document, Policy, Role, Stack, Text
from verification.model.ternary import Unknown, same


def task_roles(stack: Stack) -> list[Role]:
    """The task roles."""
    wanted = [definition.task_role for definition in stack.task_definitions]
    return [role for role in stack.roles if any(same(role.arn, arn) for arn in wanted)]


def execution_roles(stack: Stack) -> list[Role]:
    """The execution roles, with which ECS starts tasks."""
    wanted = [definition.execution_role for definition in stack.task_definitions]
    return [role for role in stack.roles if any(same(role.arn, arn) for arn in wanted)]


def held(role: Role, stack: Stack) -> Iterator[tuple[Policy | None, Document]]:
    """Every document of a role, with its policy; None for an inline one."""
    for document in role.inline:
        yield None, document
    for arn in _attached(role):
        found = {is_policy(arn, policy, stack): policy for policy in stack.policies}
        if True in found:
            yield found[True], found[True].document
        elif None in found or isinstance(arn, Unknown):
            yield None, Unknown()


def foreign(role: Role, stack: Stack) -> list[Text]:
    """The attached policies that are not in the stack."""
    own = [[is_policy(arn, policy, stack) for policy in stack.policies] for arn in _attached(role)]
    return [
        arn
        for arn, answers in zip(_attached(role), own, strict=True)
        if not isinstance(arn, Unknown) and all(answer is False for answer in answers)
    ]


def is_policy(arn: Text, policy: Policy, stack: Stack) -> bool | None:
    """Whether an ARN is that of a policy: by the policy's ARN, or else by its name."""
    answer = same(arn, policy.arn)
    if answer is not None or isinstance(policy.name, Unknown):
        return answer
    return same(arn, arn_of(str(policy.name), stack))


def arn_of(name: str, stack: Stack) -> str:
    """The ARN of a customer-managed policy of a stack's account."""
    return f"arn:{stack.partition}:iam::{stack.account}:policy/{name}"


def boundary(role: Role, stack: Stack) -> Document:
    """The permissions boundary's document; None without one, unknown if it is not in the stack."""
    if role.boundary is None:
        return None
    found = {is_policy(role.boundary, policy, stack): policy.document for policy in stack.policies}
    return found.get(True) or Unknown(str(role.boundary))


def _attached(role: Role) -> tuple[Text, ...]:
    return (Unknown(),) if isinstance(role.attached, Unknown) else role.attached
