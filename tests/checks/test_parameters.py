"""What the checks of parameters must keep beside their twins."""

from __future__ import annotations

import pytest

from verification.checks.stack import parameters
from verification.model.contract import Contract
from verification.model.stack import Stack
from verification.model.verdict import Verdict

pytestmark = pytest.mark.slow


def test_each_parameter_is_looked_at_twice(prod_stack: Stack, contract: Contract) -> None:
    """The six parameters are judged by value and by type."""
    findings = parameters.hold_planned_values(prod_stack, contract)
    assert [finding.verdict for finding in findings] == [Verdict.PASS] * 12
