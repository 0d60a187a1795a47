"""DynamoDB's backups and point-in-time recovery."""

import time
from datetime import UTC
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.dynamodb.exceptions import PointInTimeRecoveryUnavailable
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Backup, RestoredPITTable, RestoredTable, Table
from moto.dynamodb.responses import DynamoHandler, DynamoResult

from verification.engine.aws.emulator.moto_patches.dynamodb_writes import (
    put_back,
    recoverable,
    undone,
)
from verification.engine.aws.emulator.moto_patches.patching import Method, wrap


def restored_settings() -> None:
    """moto 5.2.5 restores a table without its billing mode and encryption.

    AWS restores both. Like moto, it does not restore tags, TTL, streams, deletion protection and
    point-in-time recovery. (Amazon DynamoDB API Reference, RestoreTableFromBackup,
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableFromBackup.html)
    """
    for owner in (RestoredTable, RestoredPITTable):
        wrap(owner, "__init__", _like_its_source)


def _like_its_source(original: Method) -> Method:
    def __init__(self: Any, name: str, **kwargs: Any) -> None:
        original(self, name, **kwargs)
        source = kwargs["source"] if "source" in kwargs else kwargs["backup"].table
        self.billing_mode = source.billing_mode
        encryption = source.sse_specification
        self.sse_specification = dict(encryption) if encryption else None

    return __init__


def system_backups() -> None:
    """moto 5.2.5 keeps no backup of a deleted table, and lists backups of all types together.

    AWS keeps a backup of type SYSTEM, named {table}$DeletedTableBackup, of a deleted table that
    had point-in-time recovery, for 35 days; ListBackups returns those of type USER by default.
    """
    wrap(DynamoDBBackend, "delete_table", _kept)
    wrap(DynamoHandler, "list_backups", _of_type)


def _kept(original: Method) -> Method:
    def delete_table(self: Any, name: str) -> Any:
        table = original(self, name)
        if recoverable(table):
            called = f"{table.name}$DeletedTableBackup"
            made = Backup(self.account_id, self.region_name, called, table, type_="SYSTEM")
            self.backups[made.arn] = made
        return table

    return delete_table


def _of_type(_: Method) -> Method:
    def list_backups(self: Any) -> ActionResult:
        wanted = self.body.get("BackupType", "USER")
        backups = self.dynamodb_backend.list_backups(self.body.get("TableName"))
        found = [made.summary for made in backups if wanted in ("ALL", made.type)]
        return DynamoResult({"BackupSummaries": found})

    return list_backups


def point_in_time() -> None:
    """moto 5.2.5 restores the current items for any time, also if recovery is off.

    AWS restores the items at that time, and refuses times at which recovery was off, and future
    times. AWS's latest time is about five minutes ago; here it is now.
    """
    wrap(DynamoDBBackend, "describe_continuous_backups", _until_now)
    wrap(DynamoHandler, "restore_table_to_point_in_time", _as_it_was)


def _until_now(original: Method) -> Method:
    def describe_continuous_backups(self: Any, table_name: str) -> Any:
        found = original(self, table_name)
        if recoverable(self.get_table(table_name)):
            found["PointInTimeRecoveryDescription"]["LatestRestorableDateTime"] = time.time()
        return found

    return describe_continuous_backups


def _as_it_was(original: Method) -> Method:
    def restore_table_to_point_in_time(self: Any) -> Any:
        backend, asked = self.dynamodb_backend, self.body
        source = backend.tables.get(asked.get("SourceTableName"))
        if source is None:
            return original(self)
        when = _time_to_restore(source, asked)
        answer = original(self)
        restored = backend.tables[asked["TargetTableName"]]
        for key, item in undone(source, when):
            put_back(restored, key, item)
        return answer

    return restore_table_to_point_in_time


def _time_to_restore(source: Table, asked: dict[str, Any]) -> float:
    if not recoverable(source):
        raise PointInTimeRecoveryUnavailable(source.name)
    now = time.time()
    named = asked.get("RestoreDateTime")
    # moto parses the time as naive UTC.
    when = named.replace(tzinfo=UTC).timestamp() if named else now
    recovery = source.continuous_backups["PointInTimeRecoveryDescription"]
    # Requests have whole seconds, so the first possible time is rounded, too.
    if not int(recovery["EarliestRestorableDateTime"]) <= when <= now:
        raise JsonRESTError(
            "InvalidRestoreTimeException",
            "The specified time is outside of the point in time recovery window",
        )
    return when
