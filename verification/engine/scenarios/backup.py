"""The restore drill: the README's runbook, on tables that a bad release has damaged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from verification.engine.scenarios.observing import TRIAL, refused, shorten, table, trial_of
from verification.engine.scenarios.registry import Stages, scenario
from verification.engine.scenarios.tables import items, next_second, settings
from verification.engine.stage import EmbeddedStage
from verification.model.seen import RestoredTable, RestoreSeen

_TARGET = "https://example.com/saved"
_EXPIRY = "2030-01-31T12:00:00Z"
_KEYS = ("users", "urls")
_USERS, _LINKS = 3, 4

Contents = Mapping[str, Mapping[str, Any]]
"""What each table holds or is set to, by the table's key."""


@scenario
def restore(run: Stages, environment: str) -> RestoreSeen:
    """Both tables are damaged, go back to a second before it, and get their settings by an apply.

    Nothing but Terraform and the table's own name leads the backend to what was restored.
    """
    with run.embedded(environment, "restore") as stage:
        users = [stage.deployment.user(f"saved{number}") for number in range(_USERS)]
        for user in users:
            user.post(TRIAL)
        codes = [shorten(users[0], _TARGET, expires_at=_EXPIRY) for _ in range(_LINKS)]
        before, saved, were = trial_of(users[0]), _contents(stage), _settings(stage)
        when = next_second()
        _damage(stage, users[0].user_id, codes[0])
        damaged, spoiled = trial_of(users[0]), _contents(stage)
        tasks = stage.deployment.service.describe()["desiredCount"]
        stage.deployment.scale(0)
        for key in _KEYS:
            _replace(stage, table(stage, key), when)
        terraform = run.terraform(stage)
        planned = terraform.plan(out="restored.tfplan").planned
        terraform.apply("restored.tfplan")
        left = terraform.plan(out="left.tfplan").planned
        tables = _judgeable(saved, spoiled, _contents(stage), were, _settings(stage))
        stage.deployment.scale(tasks)
        after, click = trial_of(users[0]), users[0].get(f"/{codes[0]}")
        redirect = (click.status, click.headers.get("location", ""))
        return RestoreSeen(
            tables, planned, left, before, damaged, after, redirect, _TARGET, refused(stage)
        )


def _contents(stage: EmbeddedStage) -> Contents:
    client = stage.client("dynamodb")
    return {key: items(client, table(stage, key)) for key in _KEYS}


def _settings(stage: EmbeddedStage) -> Contents:
    client = stage.client("dynamodb")
    return {key: settings(client, table(stage, key)) for key in _KEYS}


def _damage(stage: EmbeddedStage, user: str, code: str) -> None:
    """Lose a user and a link, and spoil the other links, as a bad release might."""
    client = stage.client("dynamodb")
    users, urls = table(stage, "users"), table(stage, "urls")
    client.delete_item(TableName=users, Key={"user_id": {"S": user}})
    client.delete_item(TableName=urls, Key={"short_code": {"S": code}})
    for other in items(client, urls):
        client.update_item(
            TableName=urls,
            Key={"short_code": {"S": other}},
            UpdateExpression="SET target = :bad",
            ExpressionAttributeValues={":bad": {"S": "https://example.com/spoiled"}},
        )


def _replace(stage: EmbeddedStage, name: str, when: datetime) -> None:
    """Restore a table as it was, beside itself; then put a backup of that in its place."""
    client, beside = stage.client("dynamodb"), f"{name}-restored"
    client.restore_table_to_point_in_time(
        SourceTableName=name, TargetTableName=beside, RestoreDateTime=when
    )
    _wait(client, "table_exists", beside)
    made = client.create_backup(TableName=beside, BackupName=beside)["BackupDetails"]
    client.update_table(TableName=name, DeletionProtectionEnabled=False)
    client.delete_table(TableName=name)
    _wait(client, "table_not_exists", name)
    client.restore_table_from_backup(TargetTableName=name, BackupArn=made["BackupArn"])
    _wait(client, "table_exists", name)
    client.delete_table(TableName=beside)


def _wait(client: Any, what: str, name: str) -> None:
    client.get_waiter(what).wait(TableName=name, WaiterConfig={"Delay": 1})


def _judgeable(
    saved: Contents, spoiled: Contents, restored: Contents, were: Contents, are: Contents
) -> dict[str, RestoredTable]:
    return {
        key: RestoredTable(
            saved[key],
            restored[key],
            sum(spoiled[key].get(ident) != item for ident, item in saved[key].items()),
            {what: (old, are[key][what]) for what, old in were[key].items()},
        )
        for key in _KEYS
    }
