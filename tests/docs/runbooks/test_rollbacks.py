"""Both rollbacks, followed to the letter on an embedded AWS."""

from __future__ import annotations

from typing import Any

import pytest

from tests.docs.runbooks.kit import PREFIX, USERS, Operator, back_up, changes
from tests.docs.runbooks.shell import ROOT
from verification.engine.smoke.scenarios.backup import items
from verification.engine.smoke.scenarios.helpers import TRIAL, trial_of

pytestmark = pytest.mark.slow

VAULT = {"BackupVaultName": f"{PREFIX}-dynamodb"}


def test_quick_rollback(operator: Operator) -> None:
    """Up on SQLite in one task, which no apply undoes; and back, with every trial and link."""
    operator.run("suspend-scaling")
    operator.run("away")
    assert (operator.tasks(), operator.suspended()) == (1, {True})
    assert operator.user.get("/ready").status == 200
    assert trial_of(operator.user)["trial_used"] is False
    assert operator.user.post(TRIAL).status == 201
    held = operator.held()
    operator.is_empty()
    operator.run("back")
    operator.run("resume-scaling")
    assert (operator.tasks(), operator.suspended()) == (2, {False})
    assert operator.held() == held
    operator.has_everything()
    operator.is_empty()


def test_complete_rollback(operator: Operator) -> None:
    """Tables go only if they are unprotected; scheduled backups stay, and can be restored."""
    point = back_up(operator.stage.world, USERS)
    operator.run("suspend-scaling")
    operator.run("away")
    held = operator.held()
    operator.run("last-copy")

    operator.run("remove-module")
    said = operator.run("remove-tables", 1)
    assert f"{USERS} has deletion protection: do step 3 first. Nothing was changed." in said
    operator.shell.command(f"git checkout --quiet {ROOT}")
    assert operator.held() == held

    assert changes(operator.run("unprotect")) == (0, 2, 0)
    assert operator.held() == held
    operator.run("remove-module")
    assert 'module "dynamodb"' not in operator.shell.command(f"cat {ROOT}/*.tf")
    said = operator.run("remove-tables")
    assert "aws_backup_vault.this[0] will no longer be managed" in said
    dynamodb = operator.client("dynamodb")
    assert dynamodb.list_tables()["TableNames"] == []
    operator.is_empty()
    saved = dynamodb.list_backups()["BackupSummaries"]
    assert {made["TableName"] for made in saved} == set(operator.tables.values())
    assert left_in_aws_backup(operator) == (True, [point], [])

    operator.shell.command(f"TABLE={USERS}")
    operator.run("last-scheduled-backup")
    operator.run("scheduled-backup")
    assert items(dynamodb, f"{USERS}-restored") == held["users"]

    operator.run("keep-the-switch")
    operator.run("deploy")
    assert operator.variables()["USE_DYNAMODB"] == "false"
    visitor = operator.stage.deployment.user("later")
    assert (visitor.get("/ready").status, visitor.post(TRIAL).status) == (200, 201)


def left_in_aws_backup(operator: Operator) -> tuple[Any, ...]:
    """Whether the vault is locked, its recovery points, and the backup plans."""
    backup = operator.client("backup")
    points = backup.list_recovery_points_by_backup_vault(**VAULT)["RecoveryPoints"]
    return (
        backup.describe_backup_vault(**VAULT)["Locked"],
        [point["RecoveryPointArn"] for point in points],
        backup.list_backup_plans()["BackupPlansList"],
    )
