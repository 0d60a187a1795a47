"""Rung 4: a backup can be restored, and served from."""

import pytest

from verification.checks import smoke_backup

pytestmark = [pytest.mark.criterion("backup-and-restore"), pytest.mark.one_environment]


def test_every_item_is_restored(restore, prove):
    """Each restored table holds what was saved, item by item."""
    prove(smoke_backup.restores_every_item(restore))


def test_settings_are_restored(restore, prove):
    """TTL, recovery, protection and tags are as the original's."""
    prove(smoke_backup.restores_the_settings(restore))


def test_the_restored_tables_serve(restore, prove):
    """Pointed at the restored tables, the backend has trial and links again."""
    prove(smoke_backup.serves_from_the_restored(restore))
