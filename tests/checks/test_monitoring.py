"""What the checks of monitoring must keep beside their twins."""

from __future__ import annotations

import pytest

from verification.checks.stack import monitoring
from verification.model.contract import Contract
from verification.model.stack import Stack

pytestmark = pytest.mark.slow

WATCH = monitoring.watch_every_failure


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_every_rule_has_something_to_watch(
    environment: str, planned: dict[str, Stack], contract: Contract
) -> None:
    """Each failure that the contract lists is looked for at least once."""
    said = [finding.message for finding in WATCH(planned[environment], contract)]
    wanted = {name for rule in contract.monitoring for name in rule.metrics} - {"error lines"}
    for name in {*wanted, "ApplicationErrors"}:
        assert any(f"for {name} of" in message for message in said)
