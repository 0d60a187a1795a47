"""Rung 5: a write repeated after a lost answer takes effect once; rejections stay."""

import pytest

from verification.checks.smoke import repeats as smoke_repeats

pytestmark = pytest.mark.embedded("lose answers on demand")


@pytest.mark.criterion("trial-end-to-end")
def test_a_trial_that_lost_its_answer_starts_once(lost_answers, prove):
    """A repeated start of a trial succeeds and starts it once; a used trial stays used."""
    prove(smoke_repeats.trials_start_once(lost_answers))


@pytest.mark.criterion("links-work")
def test_links_that_lost_an_answer_change_once(lost_answers, prove):
    """Repeated links, files, clicks and deletions take effect once; rejections stay."""
    prove(smoke_repeats.links_change_once(lost_answers))


@pytest.mark.criterion("links-work")
def test_clicks_that_lost_answers_keep_their_bound(lost_answers, prove):
    """No concurrent click is lost, and each lost answer adds at most one."""
    prove(smoke_repeats.clicks_keep_their_bound(lost_answers))
