"""What the checks of protection must keep beside their twins."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.checks.edits import Change, drop, edit
from tests.checks.kit import Check, verdict_of
from tests.checks.twins.protection import HTTPS
from verification.checks.stack import protection
from verification.model.contract import Contract
from verification.model.stack import Stack
from verification.model.verdict import Verdict

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("check", "change"),
    [
        (protection.data_cannot_be_deleted, edit("tables", deletion_protection=False)),
        (protection.serves_https, drop("listeners", HTTPS)),
        (protection.has_a_nat_gateway_per_zone, drop("nat_gateways", "us-east-1b")),
        (protection.tables_are_backed_up, drop("backup_selections")),
        (protection.backups_are_locked, edit("backup_vaults", locked=False)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_dev_may_do_without(
    check: Check, change: Change, prod_stack: Stack, contract: Contract
) -> None:
    """What the contract does not demand of an environment is not missed there."""
    rules = {**contract.environments, "prod": contract.environments["dev"]}
    lenient = replace(contract, environments=rules)
    assert verdict_of(check(change(prod_stack), lenient)) is Verdict.PASS
