"""Rung 5: a backup can be restored, and served from."""

import pytest

from verification.checks.smoke import backup as smoke_backup

pytestmark = [
    pytest.mark.criterion("backup-and-restore"),
    pytest.mark.embedded("damage data or switch the store"),
]


def test_every_item_is_restored(restore, prove):
    """Each restored table holds what was saved, item by item."""
    prove(smoke_backup.restores_every_item(restore))


def test_settings_are_restored(restore, prove):
    """TTL, recovery, protection and tags are as the original's."""
    prove(smoke_backup.restores_the_settings(restore))


def test_an_apply_is_all_that_it_needs(restore, prove):
    """An apply changes the restored tables in place, and nothing else; a plan after it is empty."""
    prove(smoke_backup.settles_by_an_apply(restore))


def test_the_restored_tables_serve(restore, prove):
    """The backend, as it was deployed, has trial and links again."""
    prove(smoke_backup.serves_from_the_restored(restore))
