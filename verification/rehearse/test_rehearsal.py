"""Rung 6, with --base: the change on top of what the merge base deployed and people used."""

import pytest

from verification.checks.change import rehearsal
from verification.checks.registry import name_of, waive
from verification.model.changes import KEEPS_DATA

pytestmark = pytest.mark.criterion("data-survives-change")


def test_nothing_is_lost(rehearsed, contract, prove):
    """The plan ends nothing that holds data; what it would, is named with what goes with it."""
    prove(waive(KEEPS_DATA, rehearsal.loses_nothing(rehearsed, contract), rehearsed.changeset))


def test_change_takes_nothing_away(change_check, rehearsed, contract, prove):
    """Planned on the whole of what is deployed, it takes away no protection either."""
    changeset = rehearsed.changeset
    prove(waive(name_of(change_check), change_check(changeset, contract), changeset))


def test_every_item_is_kept(rehearsed, prove):
    """Each item of each table is there after the apply and the deploy, and says the same."""
    prove(waive(KEEPS_DATA, rehearsal.keeps_items(rehearsed), rehearsed.changeset))


def test_people_find_what_they_had(rehearsed, prove):
    """Everyone can sign in and has their trial and links, and a file comes down as it went up."""
    prove(rehearsal.keeps_answers(rehearsed))


def test_backend_is_deployed(rehearsed, prove):
    """The working tree's backend takes over from the base's."""
    prove(rehearsal.deploys(rehearsed))
