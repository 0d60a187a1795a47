"""Rung 5: the trial button, in all states of the page, in a browser."""

import pytest

from verification.checks.smoke import page as smoke_page

pytestmark = pytest.mark.criterion("trial-button")


def test_every_state_is_shown(trial_page, prove):
    """Signed out, new, running, over, failed: by pointer on a phone, by keyboard on a desktop."""
    prove(smoke_page.shows_every_state(trial_page))


def test_the_trial_is_offered_once(trial_page, prove):
    """Only a new user is offered the trial; after the start 30 days are left."""
    prove(smoke_page.offers_the_trial(trial_page))


def test_the_page_fits(trial_page, prove):
    """Each state fits its window and has a screenshot."""
    prove(smoke_page.fits_the_window(trial_page))


def test_the_browser_does_not_complain(trial_page, prove):
    """No console error, policy violation, failed request or foreign host."""
    prove(smoke_page.browser_does_not_complain(trial_page))
