"""What the task roles of a stack may do as a whole, held against the contract and against needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from verification.engine.aws.iam import Policies, Request, Ruling, action_catalogue, decide, needed
from verification.engine.aws.iam.analysis import grants as elements
from verification.engine.aws.iam.analysis.comparison import beyond
from verification.engine.aws.iam.analysis.wildcard_examples import example, meet
from verification.engine.aws.known_arns import settle
from verification.engine.source.backend_calls import SourceCall
from verification.model import role_policies
from verification.model.contract import Contract
from verification.model.privileges import Access, Misspelt, Need, RoleChange, RolePrivileges
from verification.model.stack import Document, Role, Stack
from verification.model.ternary import Unknown

Pair = tuple[elements.Grant, tuple[str, ...]]


def role_privileges(
    stack: Stack, contract: Contract, needs: Iterable[Need] = ()
) -> tuple[RolePrivileges, ...]:
    """What each task role may do, and what it must be able to do.

    Raises:
        ToolError: AWS would refuse one of the policies; says which and why.
    """
    wanted, kept = contract_policies(stack, contract), tuple(needs)
    return tuple(_privileges(role, stack, wanted, kept) for role in role_policies.task_roles(stack))


def role_changes(
    before: Stack | None, after: Stack, renamed: Mapping[str, str]
) -> list[RoleChange]:
    """What a change adds to, and takes from, what every role may do.

    Args:
        before: the stack that was, None if there was none.
        after: the stack that will be.
        renamed: former addresses, of what a `moved` block renamed.
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


def contract_policies(stack: Stack, contract: Contract) -> Policies:
    """The contract's grants to the task role, as a policy."""
    tables = [contract.table_arn(table, stack) for table in contract.tables]
    grants = [(contract.access.actions, [arn + end for arn in tables for end in ("", "/index/*")])]
    for rule in contract.access.others:
        grants.append((rule.actions, [contract.text(arn, stack) for arn in rule.resources]))
    statements = [
        {"Effect": "Allow", "Action": list(actions), "Resource": resources}
        for actions, resources in grants
    ]
    document = {"Version": "2012-10-17", "Statement": statements}
    return Policies((document,), names=("the contract",))


def held_by(role: Role, stack: Stack) -> Policies:
    """Every policy of a role, with its boundary, and ARNs of the stack's own parts known."""
    named = [
        (str(name) if isinstance(name, str) else f"inline policy {number}", document)
        for number, (name, document) in enumerate(role_policies.held(role, stack), 1)
    ]
    limit = role_policies.boundary(role, stack)
    return Policies(
        tuple(settle(_known(document), stack) for _, document in named),
        None if limit is None else settle(limit, stack),
        names=tuple(name for name, _ in named),
    )


def source_needs(calls: Iterable[SourceCall], stack: Stack, contract: Contract) -> Iterator[Need]:
    """What the calls in the source need, of the tables that the contract has."""
    tables = {
        f"dynamodb_{table.key}_table_name".upper(): contract.text(table.name, stack)
        for table in contract.tables
    }
    place = (stack.account, stack.region, stack.partition)
    for call in calls:
        names = [tables[variable] for variable in call.variables if variable in tables]
        index = {"IndexName": call.index} if call.index else {}
        # What the source does not tell may be anything of its kind.
        bodies = [{"TableName": name} | index for name in names or ["*"]]
        for body in bodies if call.service == "dynamodb" else [{"Bucket": "*", "Key": "*"}]:
            for one in needed(f"{call.service}:{call.operation}", body, *place):
                exact = bool(names) and call.service == "dynamodb"
                yield Need(one.action, str(one.resource), call.place, exact)


def _privileges(
    role: Role, stack: Stack, wanted: Policies, needs: tuple[Need, ...]
) -> RolePrivileges:
    policies = held_by(role, stack)
    foreign = tuple(map(str, role_policies.foreign(role, stack)))
    if foreign:
        unknown = tuple(Unknown(arn) for arn in foreign)
        policies = Policies(
            (*policies.identity, *unknown), policies.boundary, names=(*policies.names, *foreign)
        )
    pairs = [(grant, _asked(grant)) for grant in elements.grants(policies)]
    used = [(grant, actions) for grant, actions in pairs if actions]
    verdicts = {need: _verdict(need, policies, used) for need in needs}
    entries = list(elements.action_entries(policies))
    return RolePrivileges(
        role=role,
        grants=sum(len(actions) for _, actions in used),
        beyond=beyond(policies, wanted),
        lacking=beyond(wanted, policies),
        entries=len(entries),
        misspelt=tuple(
            Misspelt(by, entry, action_catalogue.closest(entry))
            for by, entry in entries
            if not action_catalogue.expand(entry)
        ),
        needs=needs,
        lacked=tuple(need for need, verdict in verdicts.items() if verdict is Ruling.DENIED),
        open=tuple(need for need, verdict in verdicts.items() if verdict is Ruling.UNKNOWN),
        unused=tuple(_unused(used, needs)) if needs else (),
        idle=tuple(_idle(pairs)),
    )


def _asked(grant: elements.Grant) -> tuple[str, ...]:
    """The actions of a grant that AWS can ask about its resource."""
    if isinstance(grant.action, Unknown):
        return ()
    actions = action_catalogue.expand(grant.action) or (grant.action,)
    if isinstance(grant.resource, Unknown) or grant.resource == "*":
        return actions
    return tuple(action for action in actions if _can_be(action, grant.resource))


def _can_be(action: str, resource: str) -> bool:
    examples = _examples(action.partition(":")[0].lower(), resource)
    return any(action_catalogue.applies(action, one) for one in examples)


@lru_cache(4096)
def _examples(service: str, resource: str) -> frozenset[str]:
    """One resource of each kind of a service that a pattern matches."""
    kinds = action_catalogue.formats(service) if service in action_catalogue.services() else ()
    return frozenset({example(resource), *(m for kind in kinds if (m := meet(resource, kind)))})


def _verdict(need: Need, policies: Policies, used: Iterable[Pair]) -> Ruling:
    """Whether a need is met; of a kind of resource, whether it is for one of that kind."""
    if need.exact:
        return decide(policies, Request(need.action, need.resource)).verdict
    met = [_met(grant, need) for grant, actions in used if need.action in actions]
    examples = [example(need.resource), *(one for one in met if one is not None)]
    found = {decide(policies, Request(need.action, one)).verdict for one in examples}
    unknown = Ruling.UNKNOWN if Ruling.UNKNOWN in found else Ruling.DENIED
    return Ruling.ALLOWED if Ruling.ALLOWED in found else unknown


def _met(grant: elements.Grant, need: Need) -> str | Unknown | None:
    """What a grant and a need have in common; None if nothing."""
    if isinstance(grant.resource, Unknown):
        return grant.resource
    return meet(grant.resource, need.resource)


def _unused(used: Iterable[Pair], needs: tuple[Need, ...]) -> Iterator[Access]:
    """The grants that no need explains, by statement."""
    alike: dict[tuple[str, str], set[str]] = {}
    for grant, actions in used:
        explained = {need.action for need in needs if _met(grant, need) is not None}
        if left := set(actions) - explained:
            alike.setdefault((str(grant.resource), grant.by), set()).update(left)
    for (resource, by), unused in sorted(alike.items()):
        yield Access(tuple(sorted(unused)), resource, by)


def _idle(pairs: Iterable[Pair]) -> Iterator[Access]:
    """The existing actions that are granted on what they are never about, by statement."""
    alike: dict[tuple[str, str], list[str]] = {}
    for grant, actions in pairs:
        if isinstance(grant.action, str) and not actions and action_catalogue.expand(grant.action):
            alike.setdefault((str(grant.resource), grant.by), []).append(grant.action)
    for (resource, by), idle in sorted(alike.items()):
        yield Access(tuple(sorted(idle)), resource, by)


def _known(document: Document) -> Mapping[str, Any] | Unknown:
    return Unknown() if document is None else document
