"""Rung 5: users' data outlives the tasks."""

import pytest

from verification.checks.smoke import persistence as smoke_persistence

pytestmark = pytest.mark.criterion("data-persists")


def test_data_survives_its_tasks(persistence, prove):
    """Trial and links survive a redeploy, a killed task, a scale-out and a scale-in."""
    prove(smoke_persistence.survives(persistence))


@pytest.mark.embedded("damage data or switch the store")
def test_data_dies_on_sqlite(persistence_on_sqlite, prove):
    """Negative control: on SQLite the same check fails."""
    prove(smoke_persistence.dies_on_sqlite(persistence_on_sqlite))
