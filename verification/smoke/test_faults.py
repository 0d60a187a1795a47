"""Rung 5: DynamoDB throttles or is away: users notice nothing, or are told when to come back."""

import pytest

from verification.checks.smoke import faults as smoke_faults
from verification.checks.smoke import load as smoke_load

pytestmark = pytest.mark.embedded("have DynamoDB fail on demand")


@pytest.mark.criterion("no-throttling")
def test_brief_throttling_is_hidden(throttling, prove):
    """Within the retry budget, and after the throttling, users see no error."""
    prove(smoke_load.hides_brief_throttling(throttling))


@pytest.mark.criterion("no-throttling")
def test_long_throttling_is_admitted(throttling, prove):
    """Above the retry budget users get 503 with Retry-After, never 500 or a stack trace."""
    prove(smoke_load.admits_long_throttling(throttling))


@pytest.mark.criterion("no-application-errors")
def test_errors_would_be_seen(throttling, prove):
    """Negative control of the logs: failed requests left error lines."""
    prove(smoke_load.logs_the_failure(throttling))


@pytest.mark.criterion("tasks-stable")
def test_tasks_outlive_the_store(store_away, prove):
    """An outage of DynamoDB stops no task."""
    prove(smoke_faults.tasks_outlive_the_store(store_away))


@pytest.mark.criterion("tasks-stable")
def test_an_outage_is_admitted(store_away, prove):
    """During an outage of DynamoDB every answer is 503 with Retry-After; after it, none is."""
    prove(smoke_faults.an_outage_is_admitted(store_away))


@pytest.mark.criterion("no-throttling")
def test_one_link_slows_no_other(hot_link, contract, prove):
    """Throttled clicks of one link do not slow down other requests."""
    prove(smoke_faults.one_link_slows_no_other(hot_link, contract.load))
