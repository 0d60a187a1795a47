"""Every check of a stack passes this repository's own, and catches its known-bad twins."""

from __future__ import annotations

import pytest

from tests.checks.kit import (
    ON_STACKS,
    Case,
    Check,
    Twin,
    assert_caught,
    assert_good,
    assert_harmless,
    assert_open,
)
from tests.checks.twins import rows
from verification.checks.registry import name_of
from verification.model.contract import Contract
from verification.model.stack import Stack

pytestmark = pytest.mark.slow

TWINS = [row for row in rows("TWINS") if isinstance(row, Twin)]
HARMLESS = [row for row in rows("HARMLESS") if isinstance(row, Case)]


@pytest.mark.parametrize("check", ON_STACKS, ids=name_of)
@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_good_stack_passes(
    check: Check,
    environment: str,
    planned: dict[str, Stack],
    applied: dict[str, Stack],
    contract: Contract,
) -> None:
    """This repository's own stack passes, as planned and as applied."""
    assert_good(check, planned[environment], contract)
    assert_good(check, applied[environment], contract)


@pytest.mark.parametrize("twin", TWINS, ids=str)
def test_known_bad_twin_is_caught(
    twin: Twin, planned: dict[str, Stack], applied: dict[str, Stack], contract: Contract
) -> None:
    """A stack that is wrong in one place fails the check that is about it, and no other."""
    assert_caught(twin, planned, applied, contract)


@pytest.mark.parametrize("case", rows("OPEN"), ids=str)
def test_unknown_stays_open(case: Case, applied: dict[str, Stack], contract: Contract) -> None:
    """What is known only after apply neither passes nor fails."""
    assert_open(case, applied, contract)


@pytest.mark.parametrize("case", HARMLESS, ids=str)
def test_harmless_change_passes(case: Case, planned: dict[str, Stack], contract: Contract) -> None:
    """A change that breaks no promise fails nothing."""
    assert_harmless(case, planned, contract)
