"""What the figure of the cost holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.checks.edits import edit
from tests.checks.twins.cost import CEILING, URLS, times
from verification.model.contract import Contract
from verification.model.findings import Finding
from verification.model.stack import Stack
from verification.model.ternary import Unknown

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("field", ["point_in_time_recovery", "kms_key"])
def test_unknown_switches_count_as_on(field: str, prod_stack: Stack, contract: Contract) -> None:
    """The figure is an upper bound: what may cost something is counted."""
    # Ten times the use, so that a part shows in the figure.
    contract = times(10)(contract)
    known: Any = {field: {"point_in_time_recovery": False, "kms_key": None}[field]}
    off = CEILING(edit("tables", **known)(prod_stack), contract)
    unknown: Any = {field: Unknown()}
    on = CEILING(edit("tables", **unknown)(prod_stack), contract)
    assert figure(on) > figure(off)


def test_unknown_keys_count_once_for_each_table(prod_stack: Stack, contract: Contract) -> None:
    """Two keys of which nothing is known may be two."""
    message = CEILING(edit("tables", kms_key=Unknown())(prod_stack), contract)[-1].message
    assert "with 2 customer-managed keys" in message


def test_every_part_is_named(prod_stack: Stack, contract: Contract) -> None:
    """The message of a table says what the money goes to."""
    (message,) = (f.message for f in CEILING(prod_stack, contract) if URLS in f.address)
    assert message == (
        "costs $0.40 a month (writes $0.25, reads $0.05, storage $0.01, backups $0.09)"
    )


def figure(findings: Sequence[Finding]) -> float:
    """The total in dollars, to the last digit that is not shown."""
    return float(findings[-1].message.split("$")[1].split(" ")[0])
