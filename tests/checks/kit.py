"""What the checks' tests share: twins, and the promises that every check keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.checks.edits import Change, TreeChange
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
from verification.model.verdict import Verdict

ON_STACKS = (*STACK_CHECKS, *PRIVILEGE_CHECKS)
Check = Callable[..., Any]
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
    contract: Callable[[Contract], Contract] = field(default=unchanged)

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
    key = repr(
        (place, stack.policies, stack.roles, stack.task_definitions, stack.parameters, contract)
    )
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
    found = verdicts(checks, case.change(applied[case.environment]), case.contract(contract))
    assert found[name_of(case.check)] is Verdict.UNKNOWN
    assert Verdict.FAIL not in found.values()


def assert_harmless(case: Case, planned: Mapping[str, Stack], contract: Contract) -> None:
    """Every check still passes."""
    found = verdicts(ON_STACKS, case.change(planned[case.environment]), case.contract(contract))
    assert set(found.values()) == {Verdict.PASS}
