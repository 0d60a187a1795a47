"""Rung 5: a trial runs 30 days, once per user; each request makes its DynamoDB calls only."""

import pytest

from verification.checks.smoke import page as smoke_page
from verification.checks.smoke import trial as smoke_trial

pytestmark = pytest.mark.criterion("trial-end-to-end")


def test_a_new_user_has_an_unused_trial(trial, prove):
    """A new user has the free tier and an unused trial."""
    prove(smoke_trial.begins_unused(trial))


def test_a_trial_runs_thirty_days(trial, prove):
    """A started trial is premium for exactly 30 days."""
    prove(smoke_trial.runs_thirty_days(trial))


def test_a_trial_starts_once(trial, prove):
    """A second start is rejected, during the trial and after it."""
    prove(smoke_trial.starts_once(trial))


def test_a_trial_ends(trial, prove):
    """After its expiry a trial is over."""
    prove(smoke_trial.ends(trial))


def test_strangers_are_refused(trial, prove):
    """A request without a valid token is rejected."""
    prove(smoke_trial.strangers_are_refused(trial))


@pytest.mark.embedded("make pools and clients of their own")
def test_foreign_tokens_are_refused(foreign_tokens, prove):
    """A request with a token of another client or pool is rejected."""
    prove(smoke_trial.strangers_are_refused(foreign_tokens))


def test_one_of_fifty_starts_wins(trial_race, prove):
    """Exactly one of fifty concurrent starts succeeds, ten times."""
    prove(smoke_trial.one_start_wins(trial_race))


@pytest.mark.embedded("read the record of the tasks' calls")
def test_each_request_costs_its_calls(requests_cost, prove):
    """A redirect makes two DynamoDB calls, an unknown code one read, other requests one call."""
    prove(smoke_trial.each_costs_its_calls(requests_cost))


@pytest.mark.embedded("read the code that a pool sends by email")
def test_invited_users_reach_the_trial(invitation, prove):
    """An invited user gets to the trial, stays signed in, and can reset the password."""
    prove(smoke_page.invited_users_reach_the_trial(invitation))


@pytest.mark.embedded("read the code that a pool sends by email")
def test_nobody_signs_up_uninvited(invitation, prove):
    """Nobody can create an account without an invitation: each account has a trial."""
    prove(smoke_page.nobody_signs_up_uninvited(invitation))
