"""The restore drill: docs/runbooks/restore.md, on tables with corrupted data."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from verification.engine.errors import ToolError
from verification.engine.smoke.scenarios.helpers import TRIAL, refused, shorten, table, trial_of
from verification.engine.smoke.scenarios.registry import Stages, scenario
from verification.engine.smoke.stage import EmbeddedStage
from verification.engine.system.yardstick import until
from verification.model.smoke.observations import RestoredTable, RestoreSeen

_TARGET = "https://example.com/saved"
_EXPIRY = "2030-01-31T12:00:00Z"
_KEYS = ("users", "urls")
_USERS, _LINKS = 3, 4
_PATIENCE = 60.0

Contents = Mapping[str, Mapping[str, Any]]
"""Items or settings by the table's key."""


@scenario
def restore(stages: Stages, environment: str) -> RestoreSeen:
    """Corrupt both tables, restore them to a second before that, and apply their settings.

    Only Terraform and the table's name connect the backend to the restored tables.
    """
    with stages.embedded(environment, "restore") as stage:
        users = [stage.deployment.user(f"saved{number}") for number in range(_USERS)]
        for user in users:
            user.post(TRIAL).demand(201)
        codes = [shorten(users[0], _TARGET, expires_at=_EXPIRY) for _ in range(_LINKS)]
        before, saved, were = trial_of(users[0]), _contents(stage), _settings(stage)
        when = next_second()
        _damage(stage, users[0].user_id, codes[0])
        damaged, spoiled = trial_of(users[0]), _contents(stage)
        backups = {key: _back_up_copy(stage, table(stage, key), when) for key in _KEYS}
        tasks = stage.deployment.service.describe()["desiredCount"]
        stage.deployment.scale(0)
        for key in _KEYS:
            _replace(stage, table(stage, key), backups[key])
        terraform = stages.terraform(stage)
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


def items(client: Any, name: str) -> dict[str, Any]:
    """Every item of a table, by its key; `client` is DynamoDB's."""
    hash_key = client.describe_table(TableName=name)["Table"]["KeySchema"][0]["AttributeName"]
    pages = client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True)
    return {item[hash_key]["S"]: item for page in pages for item in page["Items"]}


def settings(client: Any, name: str) -> dict[str, Any]:
    """The settings that a restored table must have."""
    told = client.describe_table(TableName=name)["Table"]
    ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    tags = client.list_tags_of_resource(ResourceArn=told["TableArn"])["Tags"]
    indexes = told.get("GlobalSecondaryIndexes", [])
    encryption = told.get("SSEDescription", {})
    return {
        "ARN": told["TableArn"],
        "keys": [key["AttributeName"] for key in told["KeySchema"]],
        "indexes": sorted(index["IndexName"] for index in indexes),
        "maximum throughput": {
            part.get("IndexName", ""): part.get("OnDemandThroughput") for part in (told, *indexes)
        },
        "billing mode": told.get("BillingModeSummary", {}).get("BillingMode"),
        "encryption settings": (encryption.get("Status"), encryption.get("KMSMasterKeyArn")),
        "TTL settings": (ttl["TimeToLiveStatus"], ttl.get("AttributeName")),
        "point-in-time recovery": recovery,
        "deletion protection": told.get("DeletionProtectionEnabled", False),
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
    }


def next_second() -> datetime:
    """Wait for the end of this second; returns the next one, by which all was written.

    Point-in-time recovery has a resolution of one second.
    """
    now = time.time()
    time.sleep(1 - now % 1 + 0.05)
    return datetime.fromtimestamp(int(now) + 1, UTC)


def _contents(stage: EmbeddedStage) -> Contents:
    client = stage.client("dynamodb")
    return {key: items(client, table(stage, key)) for key in _KEYS}


def _settings(stage: EmbeddedStage) -> Contents:
    client = stage.client("dynamodb")
    return {key: settings(client, table(stage, key)) for key in _KEYS}


def _damage(stage: EmbeddedStage, user: str, code: str) -> None:
    """Delete a user and a link, and change the other links, as a faulty release might."""
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


def _back_up_copy(stage: EmbeddedStage, name: str, when: datetime) -> str:
    """Restore a table under another name, and back that up; returns the backup's ARN."""
    client, beside = stage.client("dynamodb"), f"{name}-restored"
    client.restore_table_to_point_in_time(
        SourceTableName=name, TargetTableName=beside, RestoreDateTime=when
    )
    _wait(client, "table_exists", beside)
    backup = _back_up(client, beside)
    client.delete_table(TableName=beside)
    return backup


def _replace(stage: EmbeddedStage, name: str, backup: str) -> None:
    """Restore a backup under the table's own name."""
    client = stage.client("dynamodb")
    client.update_table(TableName=name, DeletionProtectionEnabled=False)
    client.delete_table(TableName=name)
    _wait(client, "table_not_exists", name)
    client.restore_table_from_backup(TargetTableName=name, BackupArn=backup)
    _wait(client, "table_exists", name)


def _back_up(client: Any, name: str) -> str:
    """Back a table up as soon as AWS has enabled its backups; returns the backup's ARN."""
    unavailable = client.exceptions.ContinuousBackupsUnavailableException

    def backed_up() -> str:
        try:
            made = client.create_backup(TableName=name, BackupName=name)
        except unavailable:
            return ""
        return str(made["BackupDetails"]["BackupArn"])

    backup = until(backed_up, _PATIENCE, pause=0.5)
    if not backup:
        raise ToolError(f"backups of table {name} were not enabled within {_PATIENCE:g} s")
    return backup


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
