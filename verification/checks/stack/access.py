"""Who may do what: the policy says exactly the plan's actions and ARNs, on the task role alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from verification.checks.registry import proves
from verification.checks.stack import policy_documents
from verification.checks.stack.policy_documents import Grant
from verification.model import role_policies
from verification.model.contract import Contract
from verification.model.findings import Finding, expect, judge, missing, show
from verification.model.stack import Document, Policy, Role, Stack, TaskDefinition
from verification.model.ternary import Unknown, contains, negate, same


@proves("least-privilege")
def policy_is_exact(stack: Stack, contract: Contract) -> list[Finding]:
    """The policy allows each planned action on each table and its indexes, and nothing else."""
    name = contract.text(contract.access.policy, stack)
    policies = [policy for policy in stack.policies if policy.name == name]
    if not policies:
        names = [policy.name for policy in stack.policies]
        return [missing(name, "the policy", "Add aws_iam_policy.dynamodb_access.", names)]
    return [finding for policy in policies for finding in _exact(policy, stack, contract)]


@proves("least-privilege")
def roles_have_no_wildcard(stack: Stack, _: Contract) -> list[Finding]:
    """Each policy of a task role, attached or inline, is the stack's, and names what it allows."""
    remedy = "Detach it, and write out what the application may do."
    findings = []
    for role in role_policies.task_roles(stack):
        findings += [
            _without_wildcard(role, document) for _, document in role_policies.held(role, stack)
        ]
        for arn in role_policies.foreign(role, stack):
            text = f"{arn} is attached, and the stack does not say what it allows"
            findings.append(judge(role, False, text, remedy))
    return findings


@proves("least-privilege")
def nothing_else_grants_dynamodb(stack: Stack, contract: Contract) -> list[Finding]:
    """No policy of a task role beside the planned one allows anything of DynamoDB."""
    return [_without_dynamodb(role, stack, contract) for role in role_policies.task_roles(stack)]


@proves("task-role-permissions")
def task_role_has_the_policy(stack: Stack, contract: Contract) -> list[Finding]:
    """The role that the containers run as has the DynamoDB policy attached."""
    arn = _policy_arn(stack, contract)
    remedy = "Pass module.dynamodb.policy_arn as dynamodb_policy_arn to modules/ecs-flask-backend."
    findings = [
        judge(role, contains(role.attached, arn), _attachment(role, arn), remedy)
        for role in role_policies.task_roles(stack)
    ]
    for definition in stack.task_definitions:
        answer = _has_role(definition, stack)
        if not answer:
            text = f"its task role is {show(definition.task_role)}, not known as one of the stack"
            findings.append(judge(definition, answer, text, "Name the stack's own task role."))
    return findings


@proves("task-role-permissions")
def only_the_task_role_has_the_policy(stack: Stack, contract: Contract) -> list[Finding]:
    """No other role has it: ECS's own execution role least of all."""
    arn = _policy_arn(stack, contract)
    task_roles = role_policies.task_roles(stack)
    # While a task definition's role is open, any role may turn out to be a task role.
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
    """The roles trust ECS tasks of this account, and nobody else."""
    used = {id(role): role for role in (*role_policies.task_roles(stack), *_execution_roles(stack))}
    return [finding for role in used.values() for finding in _trust(role, stack)]


def _exact(policy: Policy, stack: Stack, contract: Contract) -> Iterator[Finding]:
    if isinstance(policy.document, Unknown) or policy.document is None:
        yield judge(policy, None, "the policy's document is known only after apply")
        return
    named = {key for statement in policy_documents.statements(policy.document) for key in statement}
    unusual = sorted(named - {"Sid", "Effect", "Action", "Resource"})
    yield expect(policy, "the list of elements beside Action and Resource", unusual, [])
    yield expect(
        policy, "the list of effects", policy_documents.effects(policy.document), ["Allow"]
    )
    granted = policy_documents.grants(policy.document)
    wanted = {(a.lower(), r): (a, r) for a, r in _planned(stack, contract)}
    for key, (action, resource) in wanted.items():
        answer = True if key in granted else _open(granted.values(), *key)
        if answer is False and (wide := _through(granted.values(), *key)):
            text = f"{action} on {resource} is allowed only through {wide}"
            yield judge(policy, False, text, "Write it out.")
            continue
        state = {True: "allowed", False: "not allowed", None: "not yet decided"}[answer]
        yield judge(policy, answer, f"{action} on {resource} is {state}", "Allow it.")
    for key, (action, resource) in granted.items():
        if key not in wanted:
            answers = {_open([(action, resource)], *planned) for planned in wanted}
            answer = None if None in answers else False
            yield judge(policy, answer, f"{action} on {resource} is allowed", "Remove it.")


def _open(granted: Iterable[tuple[Any, Any]], action: str, resource: str) -> bool | None:
    """None if a grant whose action or resource is unknown may turn out to be this; else False."""
    may_be = any(
        (isinstance(a, Unknown) or a.lower() == action)
        and (isinstance(r, Unknown) or r == resource)
        for a, r in granted
    )
    return None if may_be else False


def _through(granted: Iterable[tuple[Any, Any]], action: str, resource: str) -> str:
    """The first grant whose wildcards take in an action on a resource; "" if none does."""
    known = [(a, r) for a, r in granted if isinstance(a, str) and isinstance(r, str)]
    wide = (g for g in known if fnmatchcase(action, g[0].lower()) and fnmatchcase(resource, g[1]))
    return next((f"{a} on {r}" for a, r in wide), "")


def _planned(stack: Stack, contract: Contract) -> Iterator[Grant]:
    for table in contract.tables:
        arn = contract.table_arn(table, stack)
        for action in contract.access.actions:
            yield action, arn
            yield action, f"{arn}/index/*"


def _without_wildcard(role: Role, document: Document) -> Finding:
    if isinstance(document, Unknown) or document is None:
        return judge(role, None, "a policy's document is known only after apply")
    grants = list(policy_documents.grants(document).values())
    wide = [
        f"{action} on {resource}"
        for action, resource in grants
        if "*" in str(action) or policy_documents.is_wide(resource)
    ]
    found = wide + policy_documents.inverted(document)
    text = (
        f"a policy allows {', '.join(found)}" if found else "a policy names actions and resources"
    )
    is_open = any(isinstance(part, Unknown) for grant in grants for part in grant)
    answer = False if found else None if is_open else True
    return judge(role, answer, text, "Name the actions and the resources.")


def _without_dynamodb(role: Role, stack: Stack, contract: Contract) -> Finding:
    name = contract.text(contract.access.policy, stack)
    others = [(by, document) for by, document in role_policies.held(role, stack) if by != name]
    known = [d for by, d in others if isinstance(d, Mapping) and not isinstance(by, Unknown)]
    found = [
        f"{action} on {resource}"
        for document in known
        for action, resource in policy_documents.grants(document).values()
        if fnmatchcase("dynamodb", str(action).lower().partition(":")[0])
    ]
    found += [
        key
        for document in known
        for key in policy_documents.inverted(document)
        if key != "NotResource"
    ]
    text = f"a policy allows {', '.join(found)}" if found else "no policy allows more of DynamoDB"
    answer = False if found else True if len(known) == len(others) else None
    remedy = "Let the planned policy alone say what of DynamoDB is allowed."
    return judge(role, answer, f"beside {_policy_arn(stack, contract)}, {text}", remedy)


def _trust(role: Role, stack: Stack) -> Iterator[Finding]:
    if isinstance(role.trust, Unknown) or role.trust is None:
        yield judge(role, None, "the trust policy is known only after apply")
        return
    yield expect(role, "the trust policy's effect", policy_documents.effects(role.trust), ["Allow"])
    for statement in policy_documents.statements(role.trust):
        yield expect(
            role,
            "whom the trust policy names",
            policy_documents.principals(statement),
            {"Service": ["ecs-tasks.amazonaws.com"]},
        )
        account = policy_documents.condition(statement, "aws:SourceAccount")
        yield expect(role, "aws:SourceAccount of the trust policy", account, [stack.account])


def _execution_roles(stack: Stack) -> list[Role]:
    wanted = [definition.execution_role for definition in stack.task_definitions]
    return [role for role in stack.roles if any(same(role.arn, arn) for arn in wanted)]


def _has_role(definition: TaskDefinition, stack: Stack) -> bool | None:
    """Say whether a task definition's role is one of the stack's."""
    wanted = definition.task_role
    return False if wanted is None else contains([role.arn for role in stack.roles], wanted)


def _policy_arn(stack: Stack, contract: Contract) -> str:
    name = contract.text(contract.access.policy, stack)
    return f"arn:{stack.partition}:iam::{stack.account}:policy/{name}"


def _attachment(role: Role, arn: str) -> str:
    state = {True: "attached", False: "not attached", None: "not yet known to be attached"}
    return f"{arn} is {state[contains(role.attached, arn)]}"
