"""What the checks of tables must keep beside their twins."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.checks.edits import edit
from tests.checks.kit import verdict_of
from verification.checks.stack import tables
from verification.model.contract import Contract
from verification.model.stack import Stack
from verification.model.verdict import Verdict

pytestmark = pytest.mark.slow


def test_recovery_may_be_off_where_it_is_not_demanded(dev_stack: Stack, contract: Contract) -> None:
    """An environment of which the contract demands no recovery passes without it."""
    rule = replace(contract.environments["dev"], point_in_time_recovery=False)
    lenient = replace(contract, environments={"dev": rule})
    stack = edit("tables", point_in_time_recovery=False)(dev_stack)
    assert verdict_of(tables.are_recoverable(stack, lenient)) is Verdict.PASS
