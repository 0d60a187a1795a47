"""Rung 5: when DynamoDB throttles, users notice nothing, or are told when to come back."""

import pytest

from verification.checks.smoke import load as smoke_load

pytestmark = pytest.mark.embedded("have DynamoDB throttle on demand")


@pytest.mark.criterion("no-throttling")
def test_brief_throttling_is_hidden(throttling, prove):
    """Within the retry budget, and after the throttling, users see no error."""
    prove(smoke_load.hides_brief_throttling(throttling))


@pytest.mark.criterion("no-throttling")
def test_long_throttling_is_admitted(throttling, prove):
    """Above the retry budget users get 503 with Retry-After, never 500 nor a stack trace."""
    prove(smoke_load.admits_long_throttling(throttling))


@pytest.mark.criterion("no-application-errors")
def test_errors_would_be_seen(throttling, prove):
    """The negative control of the logs: requests that failed left error lines."""
    prove(smoke_load.logs_the_failure(throttling))
