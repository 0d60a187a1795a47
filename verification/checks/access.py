"""Who may do what: the policy says exactly the plan's actions and ARNs, on the task role alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from verification.checks.registry import proves
from verification.model.contract import Contract
from verification.model.findings import Finding, expect, judge, missing
from verification.model.stack import Policy, Role, Stack
from verification.model.values import Unknown, contains, same

Grant = tuple[str, str]


@proves("least-privilege")
def policy_is_exact(stack: Stack, contract: Contract) -> list[Finding]:
    """The policy allows each planned action on each table and its indexes, and nothing else."""
    name = contract.text(contract.access.policy, stack)
    policies = [policy for policy in stack.policies if policy.name == name]
    if not policies:
        return [missing(name, "the policy", "Add aws_iam_policy.dynamodb_access.")]
    return [finding for policy in policies for finding in _exact(policy, stack, contract)]


@proves("least-privilege")
def roles_have_no_wildcard(stack: Stack, _: Contract) -> list[Finding]:
    """No policy of a task role, attached or inline, allows every action or every resource."""
    return [
        _without_wildcard(role, document)
        for role in _task_roles(stack)
        for document in (*role.inline, *_attached_documents(role, stack))
    ]


@proves("task-role-permissions")
def task_role_has_the_policy(stack: Stack, contract: Contract) -> list[Finding]:
    """The role that the containers run as has the DynamoDB policy attached."""
    arn = _policy_arn(stack, contract)
    remedy = "Pass module.dynamodb.policy_arn as dynamodb_policy_arn to modules/ecs-flask-backend."
    return [
        judge(role, contains(role.attached, arn), _attachment(role, arn), remedy)
        for role in _task_roles(stack)
    ]


@proves("task-role-permissions")
def only_the_task_role_has_the_policy(stack: Stack, contract: Contract) -> list[Finding]:
    """No other role has it: ECS's own execution role least of all."""
    arn = _policy_arn(stack, contract)
    task_roles = _task_roles(stack)
    return [
        judge(role, _negated(contains(role.attached, arn)), _attachment(role, arn), "Detach it.")
        for role in stack.roles
        if role not in task_roles
    ]


@proves("task-role-permissions")
def only_tasks_assume_the_roles(stack: Stack, _: Contract) -> list[Finding]:
    """The roles trust ECS tasks of this account, and nobody else."""
    used = {id(role): role for role in (*_task_roles(stack), *_execution_roles(stack))}
    return [finding for role in used.values() for finding in _trust(role, stack)]


def _exact(policy: Policy, stack: Stack, contract: Contract) -> Iterator[Finding]:
    if isinstance(policy.document, Unknown) or policy.document is None:
        yield judge(policy, None, "the policy's document is known only after apply")
        return
    unusual = sorted(
        {key for s in _statements(policy.document) for key in s}
        - {"Sid", "Effect", "Action", "Resource"}
    )
    yield expect(policy, "the list of elements beside Action and Resource", unusual, [])
    granted = dict(_grants(policy.document))
    wanted = {(a.lower(), r): (a, r) for a, r in _planned(stack, contract)}
    for key, (action, resource) in wanted.items():
        answer = _granted(key, granted)
        state = {True: "allowed", False: "not allowed", None: "not yet decided"}[answer]
        yield judge(policy, answer, f"{action} on {resource} is {state}", "Allow it.")
    for key, (action, resource) in granted.items():
        if key not in wanted and not isinstance(resource, Unknown):
            yield judge(policy, False, f"{action} on {resource} is allowed", "Remove it.")


def _granted(key: Grant, granted: Mapping[Grant, tuple[str, Any]]) -> bool | None:
    if key in granted:
        return True
    action = key[0]
    undecided = any(a == action and isinstance(g[1], Unknown) for (a, _), g in granted.items())
    return None if undecided else False


def _planned(stack: Stack, contract: Contract) -> Iterator[Grant]:
    for table in contract.tables:
        arn = contract.table_arn(table, stack)
        for action in contract.access.actions:
            yield action, arn
            yield action, f"{arn}/index/*"


def _grants(document: Mapping[str, Any]) -> Iterator[tuple[Grant, tuple[str, Any]]]:
    # IAM compares actions without regard to case, and resources with it.
    for statement in _statements(document):
        if statement.get("Effect") == "Allow":
            for action in _listed(statement.get("Action")):
                for resource in _listed(statement.get("Resource")):
                    yield (str(action).lower(), str(resource)), (action, resource)


def _without_wildcard(role: Role, document: Any) -> Finding:
    if isinstance(document, Unknown) or document is None:
        return judge(role, None, "a policy's document is known only after apply")
    wide = [
        f"{action} on {resource}"
        for action, resource in dict(_grants(document)).values()
        if str(action).endswith("*") or resource == "*"
    ]
    inverted = [k for s in _statements(document) for k in ("NotAction", "NotResource") if k in s]
    found = wide + inverted
    text = (
        f"a policy allows {', '.join(found)}" if found else "a policy names actions and resources"
    )
    return judge(role, not found, text, "Name the actions and the resources.")


def _trust(role: Role, stack: Stack) -> Iterator[Finding]:
    if isinstance(role.trust, Unknown) or role.trust is None:
        yield judge(role, None, "the trust policy is known only after apply")
        return
    for statement in _statements(role.trust):
        yield expect(
            role,
            "whom the trust policy names",
            statement.get("Principal"),
            {"Service": "ecs-tasks.amazonaws.com"},
        )
        account = _condition(statement, "aws:SourceAccount")
        yield expect(role, "aws:SourceAccount of the trust policy", account, [stack.account])


def _condition(statement: Mapping[str, Any], key: str) -> list[Any]:
    conditions: Mapping[str, Any] = statement.get("Condition") or {}
    equals = conditions.get("StringEquals", {})
    return [
        value for name in equals if name.lower() == key.lower() for value in _listed(equals[name])
    ]


def _task_roles(stack: Stack) -> list[Role]:
    wanted = [definition.task_role for definition in stack.task_definitions]
    return [role for role in stack.roles if any(same(role.arn, arn) for arn in wanted)]


def _execution_roles(stack: Stack) -> list[Role]:
    wanted = [definition.execution_role for definition in stack.task_definitions]
    return [role for role in stack.roles if any(same(role.arn, arn) for arn in wanted)]


def _attached_documents(role: Role, stack: Stack) -> Iterator[Any]:
    for policy in stack.policies:
        derived = f"arn:{stack.partition}:iam::{stack.account}:policy/{policy.name}"
        if contains(role.attached, derived) or contains(role.attached, policy.arn):
            yield policy.document


def _policy_arn(stack: Stack, contract: Contract) -> str:
    name = contract.text(contract.access.policy, stack)
    return f"arn:{stack.partition}:iam::{stack.account}:policy/{name}"


def _attachment(role: Role, arn: str) -> str:
    state = {True: "attached", False: "not attached", None: "not yet known to be attached"}
    return f"{arn} is {state[contains(role.attached, arn)]}"


def _negated(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def _statements(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return _listed(document.get("Statement"))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
