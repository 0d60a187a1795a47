"""The permissions of a stack's roles of tasks, compared with the contract and with needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from verification.engine.aws.iam import Policies, Request, Ruling, action_catalogue, decide, needed
from verification.engine.aws.iam.analysis import grants as elements
from verification.engine.aws.iam.analysis.comparison import beyond
from verification.engine.aws.iam.analysis.shares import (
    Pair,
    asked,
    contract_policies,
    execution_policies,
    execution_share,
    held_by,
    idle,
    shares,
)
from verification.engine.aws.iam.analysis.wildcard_examples import example, meet
from verification.engine.source.backend_calls import SourceCall
from verification.model import role_policies
from verification.model.contract import Contract
from verification.model.privileges import (
    Access,
    Misspelt,
    Need,
    RoleChange,
    RolePrivileges,
    Wildcard,
)
from verification.model.stack import Role, Stack
from verification.model.ternary import Unknown


def role_privileges(
    stack: Stack, contract: Contract, needs: Iterable[Need] = ()
) -> tuple[RolePrivileges, ...]:
    """The permissions of each task role, whether they cover its needs, and of each execution role.

    Raises:
        ToolError: AWS would reject one of the policies; the message says which and why.
    """
    kept = tuple(needs)
    wanted, to_start = contract_policies(stack, contract), execution_policies(stack, contract)
    of_tasks = [
        replace(_privileges(role, stack, wanted, kept), shares=tuple(shares(role, stack, contract)))
        for role in role_policies.task_roles(stack)
    ]
    of_ecs = [
        replace(
            _privileges(role, stack, to_start, ()),
            shares=(execution_share(role, stack, contract),),
            starts_tasks=True,
        )
        for role in role_policies.execution_roles(stack)
    ]
    return (*of_tasks, *of_ecs)


def role_changes(
    before: Stack | None, after: Stack, renamed: Mapping[str, str]
) -> list[RoleChange]:
    """The permissions that a change adds to every role, and those that it removes.

    Args:
        before: the base's stack, None if there is none.
        after: the working tree's stack.
        renamed: former addresses of resources that a `moved` block renamed.
    """
    former = {} if before is None else {role.address: role for role in before.roles}
    found = []
    for role in after.roles:
        was = former.get(renamed.get(role.address, role.address))
        known = Policies(()) if was is None or before is None else held_by(was, before)
        mine = held_by(role, after)
        old = set() if was is None or before is None else set(role_policies.foreign(was, before))
        new = [str(arn) for arn in role_policies.foreign(role, after) if arn not in old]
        found.append(RoleChange(role, beyond(mine, known), beyond(known, mine), tuple(new)))
    return found


def source_needs(calls: Iterable[SourceCall], stack: Stack, contract: Contract) -> Iterator[Need]:
    """The needs of the calls in the source, for the contract's tables."""
    tables = {
        f"dynamodb_{table.key}_table_name".upper(): contract.text(table.name, stack)
        for table in contract.tables
    }
    place = (stack.account, stack.region, stack.partition)
    for call in calls:
        names = [tables[variable] for variable in call.variables if variable in tables]
        index = {"IndexName": call.index} if call.index else {}
        # An unknown resource may be any of its type.
        bodies = [{"TableName": name} | index for name in names or ["*"]]
        for body in bodies if call.service == "dynamodb" else [{"Bucket": "*", "Key": "*"}]:
            for one in needed(f"{call.service}:{call.operation}", body, *place):
                exact = bool(names) and call.service == "dynamodb"
                yield Need(one.action, str(one.resource), call.place, exact)


def _privileges(
    role: Role, stack: Stack, wanted: Policies, needs: tuple[Need, ...]
) -> RolePrivileges:
    """The permissions of a role, without their shares."""
    policies = held_by(role, stack)
    foreign = tuple(map(str, role_policies.foreign(role, stack)))
    if foreign:
        unknown = tuple(Unknown(arn) for arn in foreign)
        policies = Policies(
            (*policies.identity, *unknown), policies.boundary, names=(*policies.names, *foreign)
        )
    pairs = [(grant, asked(grant)) for grant in elements.grants(policies)]
    used = [(grant, actions) for grant, actions in pairs if actions]
    verdicts = {need: _verdict(need, policies, used) for need in needs}
    entries = list(elements.action_entries(policies))
    return RolePrivileges(
        role=role,
        grants=sum(len(actions) for _, actions in used),
        shares=(),
        lacking=beyond(wanted, policies),
        foreign=foreign,
        entries=len(entries),
        misspelt=tuple(
            Misspelt(by, entry, action_catalogue.closest(entry))
            for by, entry in entries
            if not action_catalogue.expand(entry)
        ),
        wildcards=tuple(
            Wildcard(by, entry, action_catalogue.expand(entry))
            for by, entry in elements.allowed_wildcards(policies)
        ),
        needs=needs,
        lacked=tuple(need for need, verdict in verdicts.items() if verdict is Ruling.DENIED),
        open=tuple(need for need, verdict in verdicts.items() if verdict is Ruling.UNKNOWN),
        unused=tuple(_unused(used, needs)) if needs else (),
        idle=tuple(idle(pairs)),
    )


def _verdict(need: Need, policies: Policies, used: Iterable[Pair]) -> Ruling:
    """Whether a need is met; for a resource type, whether any of that type is allowed."""
    if need.exact:
        return decide(policies, Request(need.action, need.resource)).verdict
    met = [_met(grant, need) for grant, actions in used if need.action in actions]
    examples = [example(need.resource), *(one for one in met if one is not None)]
    found = {decide(policies, Request(need.action, one)).verdict for one in examples}
    unknown = Ruling.UNKNOWN if Ruling.UNKNOWN in found else Ruling.DENIED
    return Ruling.ALLOWED if Ruling.ALLOWED in found else unknown


def _met(grant: elements.Grant, need: Need) -> str | Unknown | None:
    """The intersection of a grant and a need; None if it is empty."""
    if isinstance(grant.resource, Unknown):
        return grant.resource
    return meet(grant.resource, need.resource)


def _unused(used: Iterable[Pair], needs: tuple[Need, ...]) -> Iterator[Access]:
    """The grants without a need, by statement."""
    alike: dict[tuple[str, str], set[str]] = {}
    for grant, actions in used:
        explained = {need.action for need in needs if _met(grant, need) is not None}
        if left := set(actions) - explained:
            alike.setdefault((str(grant.resource), grant.by), set()).update(left)
    for (resource, by), unused in sorted(alike.items()):
        yield Access(tuple(sorted(unused)), resource, by)
