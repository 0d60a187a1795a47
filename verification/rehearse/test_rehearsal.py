"""Rung 6, with --base: the change on top of the deployed base with users' data."""

import pytest

from verification.checks.change import rehearsal
from verification.checks.registry import name_of, waive
from verification.model.changes import KEEPS_DATA

pytestmark = pytest.mark.criterion("data-survives-change")


def test_nothing_is_lost(rehearsed, contract, prove):
    """The plan ends no resource that holds data; findings include the amount of data."""
    prove(waive(KEEPS_DATA, rehearsal.loses_nothing(rehearsed, contract), rehearsed.changeset))


def test_change_takes_nothing_away(change_check, rehearsed, contract, prove):
    """Planned on top of the complete deployment, the change removes no protection."""
    changeset = rehearsed.changeset
    prove(waive(name_of(change_check), change_check(changeset, contract), changeset))


def test_every_item_is_kept(rehearsed, prove):
    """Each item of each table is unchanged after the apply and the deploy."""
    prove(waive(KEEPS_DATA, rehearsal.keeps_items(rehearsed), rehearsed.changeset))


def test_people_find_what_they_had(rehearsed, prove):
    """All users can sign in and have their trials and links; a shared file is unchanged."""
    prove(rehearsal.keeps_answers(rehearsed))


def test_backend_is_deployed(rehearsed, prove):
    """The working tree's backend replaces the base's."""
    prove(rehearsal.deploys(rehearsed))
