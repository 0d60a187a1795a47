"""Where moto's backups are not DynamoDB's: each test fails without the fix that it is for."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from verification.engine.aws.emulator import EmbeddedAws

pytestmark = pytest.mark.slow

NAMES = {"SourceTableName": "items", "TargetTableName": "new"}
RECOVERY = {"PointInTimeRecoveryEnabled": True}


@pytest.fixture(scope="module")
def started(empty_aws: EmbeddedAws) -> Iterator[EmbeddedAws]:
    """The world with one table, with point-in-time recovery, whose forks the tests use."""
    with empty_aws.fork() as world:
        client = world.client("dynamodb")
        _create(client, "items", SSESpecification={"Enabled": True})
        _recover(client)
        yield world


@pytest.fixture
def table(started: EmbeddedAws) -> Iterator[Any]:
    """The DynamoDB client of a world of its own for each test."""
    with started.fork() as fork:
        yield fork.client("dynamodb")


def _recover(client: Any) -> None:
    """Turn recovery on, which a new table refuses once."""
    for _ in range(2):
        with suppress(client.exceptions.ContinuousBackupsUnavailableException):
            client.update_continuous_backups(
                TableName="items", PointInTimeRecoverySpecification=RECOVERY
            )


def _create(client: Any, name: str, **more: Any) -> None:
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        **more,
    )


def _put(client: Any, ident: str, value: str) -> None:
    client.put_item(TableName="items", Item={"id": {"S": ident}, "value": {"S": value}})


def _values(client: Any, name: str) -> dict[str, str]:
    items = client.scan(TableName=name)["Items"]
    return {item["id"]["S"]: item["value"]["S"] for item in items}


def _next_second() -> datetime:
    """Wait until a second is over; gives it, as the last one in which all so far was written."""
    now = time.time()
    time.sleep(1 - now % 1 + 0.05)
    return datetime.fromtimestamp(int(now) + 1, UTC)


def _code_of(call: Callable[[], object]) -> str:
    """The error code that boto3 sees when the call fails."""
    with pytest.raises(ClientError) as caught:
        call()
    return str(caught.value.response["Error"]["Code"])


@pytest.mark.parametrize("source", ["backup", "point in time"])
def test_restored_table_keeps_settings(table: Any, source: str) -> None:
    """A restored table is billed and encrypted as its source; TTL and recovery are off."""
    if source == "backup":
        made = table.create_backup(TableName="items", BackupName="copy")["BackupDetails"]
        table.restore_table_from_backup(TargetTableName="new", BackupArn=made["BackupArn"])
    else:
        table.restore_table_to_point_in_time(**NAMES, UseLatestRestorableTime=True)
    restored = table.describe_table(TableName="new")["Table"]
    assert restored["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert restored["SSEDescription"]["Status"] == "ENABLED"
    assert table.describe_time_to_live(TableName="new")["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "DISABLED"
    }
    told = table.describe_continuous_backups(TableName="new")["ContinuousBackupsDescription"]
    assert told["PointInTimeRecoveryDescription"] == {"PointInTimeRecoveryStatus": "DISABLED"}


@pytest.mark.parametrize("restored", [False, True])
def test_new_table_refuses_backups_for_a_while(table: Any, restored: bool) -> None:
    """A table that was just created, or restored, has no backups until it is asked again."""
    if restored:
        table.restore_table_to_point_in_time(**NAMES, UseLatestRestorableTime=True)
    else:
        _create(table, "new")

    def back_up() -> dict[str, Any]:
        made: dict[str, Any] = table.create_backup(TableName="new", BackupName="copy")
        return made

    assert _code_of(back_up) == "ContinuousBackupsUnavailableException"
    assert back_up()["BackupDetails"]["BackupStatus"] == "AVAILABLE"


def test_new_table_refuses_recovery_for_a_while(table: Any) -> None:
    """In the words for which Terraform's provider waits."""
    _create(table, "new")
    asked = {"TableName": "new", "PointInTimeRecoverySpecification": RECOVERY}
    with pytest.raises(ClientError, match="Backups are being enabled for the table: new"):
        table.update_continuous_backups(**asked)
    told = table.update_continuous_backups(**asked)["ContinuousBackupsDescription"]
    assert told["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def test_restores_what_was_there_then(table: Any) -> None:
    """What was written, changed and deleted after the time is undone; before it, kept."""
    for ident in ("changed", "deleted", "kept", "twice"):
        _put(table, ident, "good")
    then = _next_second()
    _put(table, "changed", "bad")
    _put(table, "new", "bad")
    table.delete_item(TableName="items", Key={"id": {"S": "deleted"}})
    for value in ("bad", "worse"):
        table.update_item(
            TableName="items",
            Key={"id": {"S": "twice"}},
            UpdateExpression="SET #value = :value",
            ExpressionAttributeNames={"#value": "value"},
            ExpressionAttributeValues={":value": {"S": value}},
        )
    table.batch_write_item(
        RequestItems={"items": [{"PutRequest": {"Item": {"id": {"S": "b"}, "value": {"S": "b"}}}}]}
    )
    table.restore_table_to_point_in_time(**NAMES, RestoreDateTime=then)
    good = dict.fromkeys(("changed", "deleted", "kept", "twice"), "good")
    assert _values(table, "new") == good
    assert _values(table, "items") != good


def test_latest_time_is_the_present(table: Any) -> None:
    """UseLatestRestorableTime restores everything; the description says that this is now."""
    _put(table, "last", "written")
    table.restore_table_to_point_in_time(**NAMES, UseLatestRestorableTime=True)
    assert _values(table, "new") == {"last": "written"}
    told = table.describe_continuous_backups(TableName="items")["ContinuousBackupsDescription"]
    latest = told["PointInTimeRecoveryDescription"]["LatestRestorableDateTime"]
    assert datetime.now(UTC) - latest < timedelta(seconds=5)


@pytest.mark.parametrize("days", [-30, 1])
def test_times_outside_the_window_are_refused(table: Any, days: int) -> None:
    """Nobody can restore a time before recovery was on, or one that is not over."""
    when = datetime.now(UTC) + timedelta(days=days)
    refused = _code_of(lambda: table.restore_table_to_point_in_time(**NAMES, RestoreDateTime=when))
    assert refused == "InvalidRestoreTimeException"


def test_without_recovery_there_is_no_way_back(table: Any) -> None:
    """A table whose recovery is off has no earlier time."""
    table.update_continuous_backups(
        TableName="items",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
    )
    refused = _code_of(
        lambda: table.restore_table_to_point_in_time(**NAMES, UseLatestRestorableTime=True)
    )
    assert refused == "PointInTimeRecoveryUnavailableException"


def test_deleted_table_leaves_a_system_backup(table: Any) -> None:
    """A deleted table with recovery can be restored under its own name, as it was at the end."""
    _put(table, "last", "written")
    table.create_backup(TableName="items", BackupName="own")
    table.delete_table(TableName="items")
    users = table.list_backups(TableName="items")["BackupSummaries"]
    assert [found["BackupName"] for found in users] == ["own"]
    everything = table.list_backups(TableName="items", BackupType="ALL")["BackupSummaries"]
    (system,) = [found for found in everything if found["BackupType"] == "SYSTEM"]
    assert system["BackupName"] == "items$DeletedTableBackup"
    table.restore_table_from_backup(TargetTableName="items", BackupArn=system["BackupArn"])
    assert _values(table, "items") == {"last": "written"}


def test_table_without_recovery_leaves_nothing(table: Any) -> None:
    """Deleted without recovery, a table is gone."""
    _create(table, "bare")
    table.delete_table(TableName="bare")
    assert table.list_backups(BackupType="ALL")["BackupSummaries"] == []
