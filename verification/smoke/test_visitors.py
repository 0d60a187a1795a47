"""Rung 5: what anybody is answered; on a real account, also where nothing may be changed."""

import pytest

from verification.checks.smoke import visitors as smoke_visitors


@pytest.mark.reads
@pytest.mark.criterion("no-application-errors")
def test_visitors_are_answered(visitors, prove):
    """Page and health checks are served, the API asks for a token, an unknown link is not found."""
    prove(smoke_visitors.are_answered(visitors))
