"""Rung 5: backups can be restored, and the backend works on the restored tables."""

import pytest

from verification.checks.smoke import backup as smoke_backup

pytestmark = [
    pytest.mark.criterion("backup-and-restore"),
    pytest.mark.embedded("damage data or switch the store"),
]


def test_every_item_is_restored(restore, prove):
    """Each restored table has all saved items."""
    prove(smoke_backup.restores_every_item(restore))


def test_settings_are_restored(restore, prove):
    """TTL, recovery, protection and tags equal those of the original."""
    prove(smoke_backup.restores_the_settings(restore))


def test_an_apply_is_all_that_it_needs(restore, prove):
    """An apply changes the restored tables in place, and nothing else; a plan after it is empty."""
    prove(smoke_backup.settles_by_an_apply(restore))


def test_the_restored_tables_serve(restore, prove):
    """The backend, without a redeploy, has trial and links again."""
    prove(smoke_backup.serves_from_the_restored(restore))
