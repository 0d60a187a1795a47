"""What every check must keep, also one that is yet to be written."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from tests.checks.edits import with_parts
from tests.checks.kit import ON_STACKS, Check, failing, said, verdicts
from tests.checks.twins import rows
from verification.checks import PIPELINE_CHECKS, SOURCE_CHECKS, STACK_CHECKS, WIRING_CHECKS
from verification.checks.registry import name_of
from verification.model.contract import Contract
from verification.model.criteria import load_criteria
from verification.model.source import Source
from verification.model.stack import Stack
from verification.model.ternary import Unknown
from verification.model.verdict import Verdict

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CHECKS = (*ON_STACKS, *SOURCE_CHECKS)
KINDS = [field.name for field in fields(Stack) if str(field.type).startswith("tuple")]


def unknowable() -> list[tuple[str, str]]:
    """Each kind of resource with each of its fields that a plan may leave unknown."""
    hints = get_type_hints(Stack)
    return [
        (kind, name)
        for kind in KINDS
        for name, hint in get_type_hints(get_args(hints[kind])[0]).items()
        if Unknown in get_args(hint)
    ]


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
def test_check_has_a_known_bad_twin(check: Check) -> None:
    """No check is trusted that was never seen to fail."""
    assert check in [twin.check for twin in rows("TWINS")]


@pytest.mark.parametrize("check", STACK_CHECKS, ids=name_of)
def test_check_is_asked_about_the_unknown(check: Check) -> None:
    """No check of a stack is trusted that was never asked what it cannot know."""
    assert check in [case.check for case in rows("OPEN")]


@pytest.mark.parametrize("check", [*CHECKS, *WIRING_CHECKS, *PIPELINE_CHECKS], ids=name_of)
def test_check_proves_a_criterion(check: Check) -> None:
    """Each check proves a promise that stands in criteria.toml, and says in words what it asks."""
    assert vars(check)["criterion"] in load_criteria(ROOT / "verification" / "criteria.toml")
    assert check.__doc__


def test_twins_have_different_names() -> None:
    """A failing row is found by its name."""
    names = [str(row) for table in ("TWINS", "OPEN", "HARMLESS") for row in rows(table)]
    assert [name for name in names if names.count(name) > 1] == []


@pytest.mark.parametrize("environment", ["dev", "prod"])
@pytest.mark.parametrize("check", ON_STACKS, ids=name_of)
def test_empty_stack_passes_nothing(check: Check, environment: str, contract: Contract) -> None:
    """Where nothing was made, nothing is proven."""
    empty = Stack(environment=environment, account="123456789012", region="r", partition="aws")
    assert {finding.verdict for finding in said(check, empty, contract)} <= {Verdict.FAIL}


@pytest.mark.parametrize("check", SOURCE_CHECKS, ids=name_of)
def test_empty_source_passes_nothing(check: Check, tmp_path: Path, contract: Contract) -> None:
    """Where nothing was written, nothing is proven."""
    empty = Source(tmp_path, tmp_path / "terraform", (), ())
    assert {finding.verdict for finding in check(empty, contract)} <= {Verdict.FAIL}


@pytest.mark.parametrize(("kind", "field"), unknowable(), ids=map(".".join, unknowable()))
def test_unknown_is_no_failure(
    kind: str, field: str, planned: dict[str, Stack], applied: dict[str, Stack], contract: Contract
) -> None:
    """Whatever Terraform does not know yet, in a good stack no check calls it wrong."""
    for stack in (planned["prod"], applied["prod"]):
        parts = tuple(replace(part, **{field: Unknown()}) for part in getattr(stack, kind))
        assert parts
        assert failing(STACK_CHECKS, with_parts(stack, kind, parts), contract) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_order_does_not_matter(kind: str, planned: dict[str, Stack], contract: Contract) -> None:
    """AWS and Terraform list things as they like: the other way round, all is the same."""
    stack = planned["prod"]
    turned = with_parts(stack, kind, getattr(stack, kind)[::-1])
    assert verdicts(ON_STACKS, turned, contract) == verdicts(ON_STACKS, stack, contract)


def test_addresses_do_not_matter(applied: dict[str, Stack], contract: Contract) -> None:
    """A module that is called otherwise, or a live stack without addresses, is the same stack."""
    stack = applied["prod"]
    renamed: dict[str, Any] = {
        kind: tuple(
            replace(part, address=f"module.other.{i}", source="")
            for i, part in enumerate(getattr(stack, kind))
        )
        for kind in KINDS
    }
    assert set(verdicts(ON_STACKS, replace(stack, **renamed), contract).values()) == {"pass"}


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_findings_can_be_acted_on(
    environment: str, planned: dict[str, Stack], contract: Contract
) -> None:
    """Each finding names a place, and each of a planned resource its line in the source."""
    for check in ON_STACKS:
        for finding in said(check, planned[environment], contract):
            assert finding.address
            assert finding.message
            assert finding.source or "module." not in finding.address
