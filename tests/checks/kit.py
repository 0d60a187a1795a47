"""What the checks' tests share: twins, edits of a stack or a tree, and the promises themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from tests.kit import REPOSITORY
from verification.checks import PRIVILEGE_CHECKS, STACK_CHECKS
from verification.checks.registry import name_of
from verification.engine.aws.iam.analysis.role_privileges import role_privileges, source_needs
from verification.engine.source.backend_calls import SourceCall, source_calls
from verification.model.contract import Contract
from verification.model.findings import Finding
from verification.model.privileges import RolePrivileges
from verification.model.source import Source
from verification.model.stack import Stack
from verification.model.ternary import Unknown
from verification.model.verdict import Verdict

ON_STACKS = (*STACK_CHECKS, *PRIVILEGE_CHECKS)
Check = Callable[..., Any]
Change = Callable[[Stack], Stack]
TreeChange = Callable[[Path], None]
Reread = Callable[[TreeChange], Source]


def unchanged(contract: Contract) -> Contract:
    """Leave the contract as it is."""
    return contract


@dataclass(frozen=True)
class _Mistake:
    """Something that is wrong in one place: which check must fail, where, and with which words.

    `also` are further checks that the same mistake concerns.
    """

    check: Check
    what: str
    change: Any
    at: str
    says: str
    also: tuple[Check, ...] = ()

    def __str__(self) -> str:
        return f"{name_of(self.check)}: {self.what}"

    @property
    def failing(self) -> set[str]:
        """The names of all checks that must fail."""
        return {name_of(check) for check in (self.check, *self.also)}


@dataclass(frozen=True)
class Twin(_Mistake):
    """A stack with a mistake.

    `planned` is what the check says while the plan's own unknowns are unknown: some mistakes show
    only once AWS's ids are known.
    """

    change: Change
    environment: str = "prod"
    planned: Verdict = Verdict.FAIL
    contract: Callable[[Contract], Contract] = field(default=unchanged)


@dataclass(frozen=True)
class SourceTwin(_Mistake):
    """A tree with a mistake."""

    change: TreeChange


@dataclass(frozen=True)
class Case:
    """A change of the good stack, and the check whose answer is of interest."""

    check: Check
    what: str
    change: Change
    environment: str = "prod"

    def __str__(self) -> str:
        return f"{name_of(self.check)}: {self.what}"


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """What a list of findings says as a whole; an error where nothing was examined."""
    said = {finding.verdict for finding in findings}
    ranked = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS)
    return next((verdict for verdict in ranked if verdict in said), Verdict.ERROR)


def said(check: Check, subject: Any, contract: Contract) -> list[Finding]:
    """What a check finds in a stack or a source; one of privileges in what its roles may do."""
    if check in PRIVILEGE_CHECKS:
        return list(check(privileges_of(subject, contract)))
    return list(check(subject, contract))


def privileges_of(stack: Stack, contract: Contract) -> tuple[RolePrivileges, ...]:
    """What the task roles may do, held against the contract and this repository's source."""
    # Most changes leave this alone, and it takes longer than all other checks together.
    place = (stack.environment, stack.account, stack.region, stack.partition)
    key = repr((place, stack.policies, stack.roles, stack.task_definitions, contract))
    if key not in _JUDGED:
        needs = source_needs(_calls(), stack, contract)
        _JUDGED[key] = role_privileges(stack, contract, needs)
    return _JUDGED[key]


_JUDGED: dict[str, tuple[RolePrivileges, ...]] = {}


@cache
def _calls() -> tuple[SourceCall, ...]:
    return source_calls(REPOSITORY)


def verdicts(checks: Iterable[Check], subject: Any, contract: Contract) -> dict[str, Verdict]:
    """What each check says of a stack or a source, by the check's name."""
    return {name_of(check): verdict_of(said(check, subject, contract)) for check in checks}


def failing(checks: Iterable[Check], subject: Any, contract: Contract) -> set[str]:
    """The names of the checks that fail."""
    found = verdicts(checks, subject, contract)
    return {name for name, verdict in found.items() if verdict is Verdict.FAIL}


def complaints(check: Check, subject: Any, contract: Contract, at: str) -> str:
    """What a check complains of at a place, line by line."""
    found = (f for f in said(check, subject, contract) if f.verdict is Verdict.FAIL)
    return "\n".join(str(f) for f in found if at in f.address or at in f.source)


# The promises that every check keeps.


def assert_good(check: Check, subject: Any, contract: Contract) -> None:
    """The check passes, and has examined something."""
    assert verdict_of(said(check, subject, contract)) is Verdict.PASS


def assert_caught(
    twin: Twin, planned: Mapping[str, Stack], applied: Mapping[str, Stack], contract: Contract
) -> None:
    """Exactly the checks that are about the mistake fail, with place and words."""
    contract = twin.contract(contract)
    stack = twin.change(applied[twin.environment])
    assert failing(ON_STACKS, stack, contract) == twin.failing
    told = complaints(twin.check, stack, contract, twin.at)
    assert twin.says in told, told
    plan = twin.change(planned[twin.environment])
    assert verdict_of(said(twin.check, plan, contract)) is twin.planned


def assert_open(case: Case, applied: Mapping[str, Stack], contract: Contract) -> None:
    """The check that is about the unknown neither passes nor fails, and no other of its kind."""
    checks = PRIVILEGE_CHECKS if case.check in PRIVILEGE_CHECKS else STACK_CHECKS
    found = verdicts(checks, case.change(applied[case.environment]), contract)
    assert found[name_of(case.check)] is Verdict.UNKNOWN
    assert Verdict.FAIL not in found.values()


def assert_harmless(case: Case, planned: Mapping[str, Stack], contract: Contract) -> None:
    """Every check still passes."""
    found = verdicts(ON_STACKS, case.change(planned[case.environment]), contract)
    assert set(found.values()) == {Verdict.PASS}


# Edits of a stack.


def with_parts(stack: Stack, kind: str, parts: Iterable[Any]) -> Stack:
    """The stack with other resources of a kind."""
    fields: dict[str, Any] = {kind: tuple(parts)}
    return replace(stack, **fields)


def edit(kind: str, at: str = "", **changes: Any) -> Change:
    """Replace fields of those resources of a kind whose address holds `at`.

    A function as a value is given the old one.
    """

    def change(stack: Stack) -> Stack:
        found = [part for part in getattr(stack, kind) if _is_at(part, at)]
        assert found, f"the stack has no {kind} at {at}"
        parts = (_replaced(p, changes) if p in found else p for p in getattr(stack, kind))
        return with_parts(stack, kind, parts)

    return change


def drop(kind: str, at: str = "") -> Change:
    """Take away those resources of a kind whose address holds `at`."""

    def change(stack: Stack) -> Stack:
        kept = tuple(part for part in getattr(stack, kind) if not _is_at(part, at))
        assert len(kept) < len(getattr(stack, kind)), f"the stack has no {kind} at {at}"
        return with_parts(stack, kind, kept)

    return change


def copy(kind: str, at: str, **changes: Any) -> Change:
    """Add a copy, with other fields, of the one resource whose address holds `at`."""

    def change(stack: Stack) -> Stack:
        (model,) = (part for part in getattr(stack, kind) if _is_at(part, at))
        return with_parts(stack, kind, (*getattr(stack, kind), _replaced(model, changes)))

    return change


def together(*changes: Change) -> Change:
    """Make several changes, one after another."""

    def change(stack: Stack) -> Stack:
        for each in changes:
            stack = each(stack)
        return stack

    return change


def nothing(stack: Stack) -> Stack:
    """Change nothing."""
    return stack


def settled(stack: Stack) -> Stack:
    """The planned stack with every reference decided, as an apply would leave it."""
    known: Stack = _settled(stack, stack)
    return known


def _is_at(part: Any, at: str) -> bool:
    """Say whether an address holds a whole name; "" is in every address."""
    return not at or re.search(re.escape(at) + r"(?!\w)", part.address) is not None


def _settled(value: Any, stack: Stack) -> Any:
    if isinstance(value, Unknown):
        return _names(stack).get(value.reference, f"{stack.account}:{value.reference}")
    if is_dataclass(value):
        parts = {f.name: getattr(value, f.name) for f in fields(value)}
        return replace(value, **{k: _settled(v, stack) for k, v in parts.items()})  # type: ignore[type-var]
    if isinstance(value, Mapping):
        return {key: _settled(part, stack) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_settled(part, stack) for part in value)
    return value


def _names(stack: Stack) -> dict[str, str]:
    """What AWS will call those things whose names matter to a check."""
    prefix = f"arn:{stack.partition}:iam::{stack.account}:policy/"
    cluster = f"arn:{stack.partition}:ecs:::cluster/{stack.services[0].name}"
    names = {f"{policy.address}.arn": prefix + str(policy.name) for policy in stack.policies}
    return names | {"module.backend.aws_ecs_cluster.this.id": cluster.removesuffix("-backend")}


def _replaced(part: Any, changes: Mapping[str, Any]) -> Any:
    new = {k: v(getattr(part, k)) if callable(v) else v for k, v in changes.items()}
    return replace(part, **new)


# Edits of a tree.


def rewrite(file: str, old: str, new: str) -> TreeChange:
    """Replace text, which must be there, in a file."""

    def change(tree: Path) -> None:
        text = (tree / file).read_text(encoding="utf-8")
        assert old in text, f"{file} does not hold {old!r}"
        (tree / file).write_text(text.replace(old, new), encoding="utf-8")

    return change


def write(file: str, text: str) -> TreeChange:
    """Write a file, and the folders to it."""

    def change(tree: Path) -> None:
        (tree / file).parent.mkdir(parents=True, exist_ok=True)
        (tree / file).write_text(text, encoding="utf-8")

    return change


def append(file: str, text: str) -> TreeChange:
    """Write text to the end of a file that is there."""

    def change(tree: Path) -> None:
        before = (tree / file).read_text(encoding="utf-8")
        (tree / file).write_text(f"{before}\n{text}\n", encoding="utf-8")

    return change


def remove(file: str) -> TreeChange:
    """Delete a file that is there."""
    return lambda tree: (tree / file).unlink()


def every(*changes: TreeChange) -> TreeChange:
    """Make several changes of a tree, one after another."""

    def change(tree: Path) -> None:
        for each in changes:
            each(tree)

    return change
