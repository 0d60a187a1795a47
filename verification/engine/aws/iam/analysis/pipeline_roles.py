"""The permissions of the pipeline's roles: what they allow, where, and within which boundary."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from verification.engine.aws.iam import Policies, Request, Ruling, action_catalogue, decide
from verification.engine.aws.iam.analysis import grants as elements
from verification.engine.aws.iam.analysis.shares import asked, held_by
from verification.engine.aws.iam.analysis.wildcard_examples import example
from verification.model.contract import Contract
from verification.model.pipeline import FORBIDDEN, PipelineRole, PipelineRoleRule
from verification.model.privileges import Access
from verification.model.stack import Role, Stack
from verification.model.ternary import Unknown

# Reads of services that show a configuration, and no user's data or secrets: they may reach beyond.
_SHOWN = "access-analyzer|cloudwatch|ecs|elasticloadbalancing|iam|sns"
_READS = re.compile(rf"({_SHOWN}):(Check|Describe|Get|List|Validate)\w*")
_TASKS = "ecs-tasks.amazonaws.com"
_ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


class _Part(NamedTuple):
    """What a statement allows on one of its resources, and under which condition."""

    access: Access
    condition: Mapping[str, Any]


def pipeline_roles(stack: Stack, contract: Contract) -> tuple[PipelineRole, ...]:
    """Each role that the contract requires, in each environment.

    Args:
        stack: the stack of the pipeline's root module.
        contract: the contract; nothing is required without `pipeline`.

    Raises:
        ToolError: AWS would reject one of the policies; the message says which and why.
    """
    rules = contract.pipeline.roles if contract.pipeline else ()
    return tuple(
        _role(replace(stack, environment=environment), contract, rule)
        for environment in contract.environments
        for rule in rules
    )


def _role(stack: Stack, contract: Contract, rule: PipelineRoleRule) -> PipelineRole:
    name = contract.text(rule.name, stack)
    tests = () if contract.of(stack).real_users else rule.test_actions
    wanted = tuple(sorted({*rule.actions, *tests}))
    role = next((one for one in stack.roles if one.name == name), None)
    found = PipelineRole(name, stack.environment, rule, role, wanted)
    if role is None:
        return found
    policies = held_by(role, stack)
    parts, own = list(_parts(policies)), _names(stack, contract)
    return replace(
        found,
        granted=tuple(part.access for part in parts),
        lacked=tuple(action for action in wanted if not _allows(policies, parts, action)),
        outside=tuple(_outside(parts, own, stack.environment)),
        admitted=_admitted(policies, role),
    )


def _parts(policies: Policies) -> Iterator[_Part]:
    for name, document in elements.named(policies):
        if isinstance(document, Unknown):
            yield _Part(Access(("*",), str(document), name, certain=False), {})
        for place, statement in enumerate(elements.statements(document), 1):
            if isinstance(statement, Unknown):
                yield _Part(Access(("*",), str(statement), name, certain=False), {})
            elif statement.get("Effect") != "Deny":
                yield from _allowed(statement, elements.called(statement, place, name))


def _allowed(statement: Mapping[str, Any], by: str) -> Iterator[_Part]:
    condition = statement.get("Condition") or {}
    entries = ["*"] if "NotAction" in statement else elements.words(statement, "Action")
    resources = ["*"] if "NotResource" in statement else elements.words(statement, "Resource")
    for resource in resources:
        named = [asked(elements.Grant(entry, resource, by)) for entry in entries]
        actions = sorted({action for some in named for action in some})
        certain = not any(isinstance(word, Unknown) for word in (*entries, resource))
        if actions or not certain:
            access = Access(tuple(actions), str(resource), by, _written(condition), certain)
            yield _Part(access, condition)


def _allows(policies: Policies, parts: list[_Part], action: str) -> bool:
    """Whether an action is allowed somewhere; what a condition leaves open counts as allowed."""
    return any(
        decide(policies, Request(action, example(part.access.resource), complete=False)).verdict
        is not Ruling.DENIED
        for part in parts
        if action in part.access.actions or not part.access.certain
    )


def _outside(parts: list[_Part], own: re.Pattern[str], environment: str) -> Iterator[Access]:
    """What reaches beyond an environment: others' data, writes, and roles for any service."""
    for part in parts:
        within = own.search(part.access.resource) or _tagged(part.condition, environment)
        beyond = [
            action
            for action in part.access.actions
            if not _kept(action, part, bool(within) and part.access.certain)
        ]
        if beyond:
            yield replace(part.access, actions=tuple(beyond))


def _kept(action: str, part: _Part, within: bool) -> bool:
    if action == "iam:PassRole":
        return within and _equals(part.condition, "iam:PassedToService") == [_TASKS]
    known = action_catalogue.exists(action)
    free = known and action_catalogue.takes_no_resource(action)
    return within or bool(_READS.fullmatch(action)) or (part.access.resource == "*" and free)


def _admitted(policies: Policies, role: Role) -> tuple[str, ...] | None:
    """The forbidden actions that the boundary alone would let pass."""
    limit = policies.boundary
    if limit is None:
        return None
    resources = {"*", str(role.arn), *(one.access.resource for one in _parts(Policies((limit,))))}
    ceiling = Policies((_ALL,), limit)
    return tuple(
        action
        for action in FORBIDDEN
        if any(
            decide(ceiling, Request(action, example(resource), complete=False)).verdict
            is not Ruling.DENIED
            for resource in resources
        )
    )


def _names(stack: Stack, contract: Contract) -> re.Pattern[str]:
    """What the names of an environment's resources begin with, in an ARN."""
    own = (
        f"{contract.project}-{stack.environment}",
        contract.text(contract.parameter_path, stack).strip("/"),
    )
    return re.compile(f"[:/]({'|'.join(map(re.escape, own))})(?=$|[-/:])")


def _tagged(condition: Mapping[str, Any], environment: str) -> bool:
    return _equals(condition, "aws:ResourceTag/Environment") == [environment]


def _equals(condition: Mapping[str, Any], key: str) -> list[Any]:
    """The values that StringEquals demands of a key; keys have no case."""
    found = condition.get("StringEquals", {})
    values: Any = next((found[name] for name in found if name.lower() == key.lower()), [])
    return list(values) if isinstance(values, list | tuple) else [values]


def _written(condition: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{key} {operator} {value}"
        for operator, keys in condition.items()
        for key, value in keys.items()
    )
