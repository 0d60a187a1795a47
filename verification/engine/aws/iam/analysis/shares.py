"""A role's policies, the contract's grants, and what each policy allows beyond its share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from verification.engine.aws.iam import Policies, action_catalogue
from verification.engine.aws.iam.analysis import grants as elements
from verification.engine.aws.iam.analysis.comparison import beyond
from verification.engine.aws.iam.analysis.wildcard_examples import example, meet
from verification.engine.aws.known_arns import settle
from verification.model import role_policies
from verification.model.contract import Contract
from verification.model.privileges import Access, Share
from verification.model.stack import Policy, Role, Stack
from verification.model.ternary import Unknown

Pair = tuple[elements.Grant, tuple[str, ...]]


class _Held(NamedTuple):
    """A role's document, its name, and its policy; None for an inline one."""

    policy: Policy | None
    name: str
    document: Mapping[str, Any] | Unknown


def contract_policies(stack: Stack, contract: Contract) -> Policies:
    """The contract's grants to the task role: on tables, and all others."""
    tables = [contract.table_arn(table, stack) for table in contract.tables]
    entries = [arn + end for arn in tables for end in ("", "/index/*")]
    others = [
        _allowing(rule.actions, [contract.text(arn, stack) for arn in rule.resources])
        for rule in contract.access.others
    ]
    documents = (_document(_allowing(contract.access.actions, entries)), _document(*others))
    return Policies(documents, names=("the contract",) * 2)


def execution_policies(stack: Stack, contract: Contract) -> Policies:
    """The contract's grants to the execution role, with those on the parameters that are secrets.

    Amazon ECS Developer Guide, "Amazon ECS task execution IAM role": ssm:GetParameters for each
    parameter that is in `secrets`; AWS's own key of SSM needs no permission.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
    """
    statements = [
        _allowing(rule.actions, [contract.text(arn, stack) for arn in rule.resources])
        for rule in contract.access.execution
    ]
    if secrets := list(_secrets(stack, contract)):
        statements.append(_allowing(["ssm:GetParameters"], secrets))
    return Policies((_document(*statements),), names=("the contract",))


def _secrets(stack: Stack, contract: Contract) -> Iterator[str | Unknown]:
    """The ARNs of the parameters that the deploy passes as secrets: planned, or made by hand."""
    path, names = contract.text(contract.parameter_path, stack), contract.secret_names(stack)
    for parameter in stack.parameters:
        if parameter.type != "SecureString":
            continue
        if isinstance(parameter.name, Unknown):
            yield Unknown(f"{parameter.address}.arn")
        elif str(parameter.name).startswith(path):
            names.append(str(parameter.name))
    for name in dict.fromkeys(names):
        yield f"arn:{stack.partition}:ssm:{stack.region}:{stack.account}:parameter{name}"


def held_by(role: Role, stack: Stack) -> Policies:
    """All policies of a role, with its boundary, and with known ARNs of the stack's resources."""
    return _policies(role, stack, _held(role, stack))


def shares(role: Role, stack: Stack, contract: Contract) -> Iterator[Share]:
    """The excess of the contract's policy beyond tables, and of other policies beyond the rest."""
    arn = role_policies.arn_of(contract.text(contract.access.policy, stack), stack)
    on_tables, others = contract_policies(stack, contract).identity
    rest = []
    for one in _held(role, stack):
        if one.policy and role_policies.is_policy(arn, one.policy, stack):
            yield Share(one.policy, _beyond(_policies(role, stack, [one]), on_tables))
        else:
            rest.append(one)
    yield Share(role, _beyond(_policies(role, stack, rest), others))


def execution_share(role: Role, stack: Stack, contract: Contract) -> Share:
    """The excess of an execution role's policies beyond what starting tasks needs."""
    [wanted] = execution_policies(stack, contract).identity
    return Share(role, _beyond(held_by(role, stack), wanted))


def asked(grant: elements.Grant) -> tuple[str, ...]:
    """The actions of a grant that can apply to its resource."""
    if isinstance(grant.action, Unknown):
        return ()
    actions = action_catalogue.expand(grant.action) or (grant.action,)
    if isinstance(grant.resource, Unknown) or grant.resource == "*":
        return actions
    return tuple(action for action in actions if _can_be(action, grant.resource))


def idle(pairs: Iterable[Pair]) -> Iterator[Access]:
    """Existing actions granted on resources to which they never apply, by statement."""
    alike: dict[tuple[str, str], list[str]] = {}
    for grant, actions in pairs:
        if isinstance(grant.action, str) and not actions and action_catalogue.expand(grant.action):
            alike.setdefault((str(grant.resource), grant.by), []).append(grant.action)
    for (resource, by), idle in sorted(alike.items()):
        yield Access(tuple(sorted(idle)), resource, by)


def _beyond(given: Policies, wanted: Mapping[str, Any] | Unknown) -> tuple[Access, ...]:
    """What is allowed, or granted without effect, and not wanted."""
    ceiling = Policies((wanted,))
    granted = {(str(one.action).lower(), one.resource) for one in elements.grants(ceiling)}
    more = (
        one
        for one in elements.grants(given)
        if (str(one.action).lower(), one.resource) not in granted
    )
    return (*beyond(given, ceiling), *idle((one, asked(one)) for one in more))


def _can_be(action: str, resource: str) -> bool:
    examples = _examples(action.partition(":")[0].lower(), resource)
    return any(action_catalogue.applies(action, one) for one in examples)


@lru_cache(4096)
def _examples(service: str, resource: str) -> frozenset[str]:
    """One matching resource of each resource type of a service."""
    kinds = action_catalogue.formats(service) if service in action_catalogue.services() else ()
    return frozenset({example(resource), *(m for kind in kinds if (m := meet(resource, kind)))})


def _held(role: Role, stack: Stack) -> Iterator[_Held]:
    for number, (policy, document) in enumerate(role_policies.held(role, stack), 1):
        name = str(policy.name) if policy else f"inline policy {number}"
        yield _Held(policy, name, settle(Unknown() if document is None else document, stack))


def _policies(role: Role, stack: Stack, held: Iterable[_Held]) -> Policies:
    documents, limit = list(held), role_policies.boundary(role, stack)
    return Policies(
        tuple(one.document for one in documents),
        None if limit is None else settle(limit, stack),
        names=tuple(one.name for one in documents),
    )


def _allowing(actions: Iterable[str], resources: Sequence[str | Unknown]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}


def _document(*statements: Mapping[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
