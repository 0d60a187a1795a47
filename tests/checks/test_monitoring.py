"""What the checks of monitoring must keep beside their twins."""

from __future__ import annotations

import pytest

from tests.checks.edits import drop, edit
from tests.checks.kit import verdict_of
from verification.checks.stack import monitoring, topics
from verification.model.contract import Contract
from verification.model.stack import Stack
from verification.model.verdict import Verdict

pytestmark = pytest.mark.slow

CONFIRMED = topics.every_address_has_confirmed
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


def test_an_address_that_has_not_confirmed_hears_nothing(prod_stack: Stack) -> None:
    """A pending subscription fails with its address; a confirmed one passes."""
    assert verdict_of(CONFIRMED(prod_stack)) is Verdict.PASS
    [finding] = CONFIRMED(edit("subscriptions", pending=True)(prod_stack))
    assert finding.verdict is Verdict.FAIL
    assert (
        "'fileshare-oncall@example.com' has not confirmed its subscription. Confirm it by"
        in str(finding)
    )


def test_nobody_to_confirm_is_a_failure(prod_stack: Stack) -> None:
    """A topic to which nobody is subscribed proves nothing."""
    assert verdict_of(CONFIRMED(drop("subscriptions")(prod_stack))) is Verdict.FAIL
