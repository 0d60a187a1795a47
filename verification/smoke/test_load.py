"""Rung 5: under the contract's load there are no slow requests, errors or throttling."""

import pytest

from verification.checks.smoke import load as smoke_load

pytestmark = pytest.mark.last


@pytest.mark.criterion("response-times")
def test_answers_come_in_time(load, contract, prove):
    """No request fails, and p95 of each kind is within the contract's limit."""
    prove(smoke_load.answers_in_time(load, contract.load))


@pytest.mark.embedded("read the record of the tasks' calls")
@pytest.mark.criterion("response-times")
def test_the_load_costs_its_calls(load, prove):
    """Status, shorten and list are one DynamoDB call each, a redirect is two."""
    prove(smoke_load.makes_its_calls(load))


@pytest.mark.criterion("no-throttling")
def test_the_load_is_not_throttled(load, prove):
    """DynamoDB throttles and fails no request of the load."""
    prove(smoke_load.is_not_throttled(load))


@pytest.mark.criterion("no-application-errors")
def test_normal_use_is_served(load, prove):
    """After the load, valid and invalid requests are answered as documented."""
    prove(smoke_load.normal_use_is_served(load))


@pytest.mark.criterion("no-application-errors")
def test_logs_hold_no_error(load, prove):
    """After load and use, every log line is JSON and none is an error."""
    prove(smoke_load.logs_no_error(load.logs))
