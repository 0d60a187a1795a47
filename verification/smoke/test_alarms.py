"""Rung 5: alarms reach somebody."""

import pytest

from verification.checks.stack import topics


@pytest.mark.reads
@pytest.mark.criterion("monitoring")
def test_every_address_has_confirmed(subscribed, prove):
    """No subscription of the alarms' topic is pending."""
    prove(topics.every_address_has_confirmed(subscribed))
