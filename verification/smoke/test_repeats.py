"""Rung 5: a write whose answer was lost is repeated without a trace, and a refusal stays one."""

import pytest

from verification.checks.smoke import repeats as smoke_repeats

pytestmark = pytest.mark.embedded("lose answers on demand")


@pytest.mark.criterion("trial-end-to-end")
def test_a_trial_that_lost_its_answer_starts_once(lost_answers, prove):
    """A trial whose start is repeated runs, and its user hears so; a used one stays used."""
    prove(smoke_repeats.trials_start_once(lost_answers))


@pytest.mark.criterion("links-work")
def test_links_that_lost_an_answer_change_once(lost_answers, prove):
    """A link, a file, a click and a deletion are the same when repeated, as are refusals."""
    prove(smoke_repeats.links_change_once(lost_answers))


@pytest.mark.criterion("links-work")
def test_clicks_that_lost_answers_keep_their_bound(lost_answers, prove):
    """Of clicks at once none is lost, and at most one is counted more for each lost answer."""
    prove(smoke_repeats.clicks_keep_their_bound(lost_answers))
