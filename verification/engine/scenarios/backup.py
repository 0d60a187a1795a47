"""The restore drill: backups of both tables, damage, and the service on the restored tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from verification.engine.scenarios.observing import (
    TRIAL,
    refused,
    set_parameter,
    shorten,
    table,
    trial_of,
)
from verification.engine.scenarios.registry import Stages, scenario
from verification.engine.stage import Stage
from verification.model.seen import RestoredTable, RestoreSeen

_TARGET = "https://example.com/saved"
_EXPIRY = "2030-01-31T12:00:00Z"
_KEYS = ("users", "urls")
_USERS, _LINKS = 3, 4


@scenario
def restore(run: Stages, environment: str) -> RestoreSeen:
    """Both tables are saved and damaged; their backups come back as new tables and take over."""
    with run.stage(environment, "restore") as stage:
        users = [stage.deployment.user(f"saved{number}") for number in range(_USERS)]
        for user in users:
            user.post(TRIAL)
        codes = [shorten(users[0], _TARGET, expires_at=_EXPIRY) for _ in range(_LINKS)]
        before = trial_of(users[0])
        saved = {key: _items(stage, table(stage, key)) for key in _KEYS}
        backups = {key: _back_up(stage, key) for key in _KEYS}
        _damage(stage, users[0].user_id, codes[0])
        damaged = trial_of(users[0])
        tables = {key: _restore(stage, key, backups[key], saved[key]) for key in _KEYS}
        _allow_restored(stage)
        for key in _KEYS:
            set_parameter(stage, f"dynamodb_{key}_table_name", _restored(stage, key))
        code = stage.deploy().code
        after, click = trial_of(users[0]), users[0].get(f"/{codes[0]}")
        redirect = (click.status, click.headers.get("location", ""))
        return RestoreSeen(tables, code, before, damaged, after, redirect, _TARGET, refused(stage))


def _restored(stage: Stage, key: str) -> str:
    return f"{table(stage, key)}-restored"


def _items(stage: Stage, name: str) -> dict[str, Any]:
    """Every item of a table, by its key."""
    client = stage.world.client("dynamodb")
    hash_key = client.describe_table(TableName=name)["Table"]["KeySchema"][0]["AttributeName"]
    pages = client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True)
    return {item[hash_key]["S"]: item for page in pages for item in page["Items"]}


def _back_up(stage: Stage, key: str) -> str:
    """Back a table up; gives the backup's ARN."""
    name = table(stage, key)
    made = stage.world.client("dynamodb").create_backup(TableName=name, BackupName=f"{name}-drill")
    return str(made["BackupDetails"]["BackupArn"])


def _damage(stage: Stage, user: str, code: str) -> None:
    """Lose a user and a link, and spoil the other links, as a bad release might."""
    client = stage.world.client("dynamodb")
    users, urls = table(stage, "users"), table(stage, "urls")
    client.delete_item(TableName=users, Key={"user_id": {"S": user}})
    client.delete_item(TableName=urls, Key={"short_code": {"S": code}})
    for other in _items(stage, urls):
        client.update_item(
            TableName=urls,
            Key={"short_code": {"S": other}},
            UpdateExpression="SET target = :bad",
            ExpressionAttributeValues={":bad": {"S": "https://example.com/spoiled"}},
        )


def _restore(stage: Stage, key: str, backup: str, saved: Mapping[str, Any]) -> RestoredTable:
    """Restore a backup as a new table, with the settings that a restore leaves behind."""
    client, name = stage.world.client("dynamodb"), table(stage, key)
    there, new = _items(stage, name), _restored(stage, key)
    damaged = sum(there.get(ident) != item for ident, item in saved.items())
    client.restore_table_from_backup(TargetTableName=new, BackupArn=backup)
    client.get_waiter("table_exists").wait(TableName=new, WaiterConfig={"Delay": 1})
    _apply_settings(client, name, new)
    old, now = _settings(client, name), _settings(client, new)
    settings = {what: (old[what], now[what]) for what in old}
    return RestoredTable(saved, _items(stage, new), damaged, settings)


def _apply_settings(client: Any, name: str, new: str) -> None:
    """Give a restored table what AWS restores nothing of: TTL, PITR, protection, tags."""
    old = _settings(client, name)
    if ttl := old["TTL attribute"]:
        wanted = {"Enabled": True, "AttributeName": ttl}
        client.update_time_to_live(TableName=new, TimeToLiveSpecification=wanted)
    client.update_continuous_backups(
        TableName=new,
        PointInTimeRecoverySpecification={
            "PointInTimeRecoveryEnabled": old["point-in-time recovery"] == "ENABLED"
        },
    )
    protected = old["deletion protection"]
    client.update_table(TableName=new, DeletionProtectionEnabled=protected)
    arn = client.describe_table(TableName=new)["Table"]["TableArn"]
    tags = [{"Key": name, "Value": value} for name, value in old["tags"].items()]
    client.tag_resource(ResourceArn=arn, Tags=tags)


def _settings(client: Any, name: str) -> dict[str, Any]:
    """What must be the same of a table and of the one that takes its place."""
    told = client.describe_table(TableName=name)["Table"]
    ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    tags = client.list_tags_of_resource(ResourceArn=told["TableArn"])["Tags"]
    indexes = told.get("GlobalSecondaryIndexes", [])
    return {
        "keys": [key["AttributeName"] for key in told["KeySchema"]],
        "indexes": sorted(index["IndexName"] for index in indexes),
        "billing mode": told.get("BillingModeSummary", {}).get("BillingMode"),
        "encryption": told.get("SSEDescription", {}).get("Status"),
        "TTL attribute": ttl.get("AttributeName"),
        "point-in-time recovery": recovery,
        "deletion protection": told.get("DeletionProtectionEnabled", False),
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
    }


def _allow_restored(stage: Stage) -> None:
    """Extend the access policy to the restored tables: it names tables exactly."""
    iam, arn = stage.world.client("iam"), stage.outputs["dynamodb_policy_arn"]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    found = iam.get_policy_version(PolicyArn=arn, VersionId=version)
    document = found["PolicyVersion"]["Document"]
    names = {table(stage, key): _restored(stage, key) for key in _KEYS}
    for statement in document["Statement"]:
        if isinstance(statement["Resource"], list):
            statement["Resource"] += [
                resource.replace(f"table/{old}", f"table/{new}")
                for resource in statement["Resource"]
                for old, new in names.items()
                if f"table/{old}" in resource
            ]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True)
