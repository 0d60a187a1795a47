"""AWS Backup's jobs, which moto lacks: recovery points, restores to new tables, locked vaults."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from verification.engine.aws.emulator import EmbeddedAws

pytestmark = pytest.mark.slow

VAULT = {"BackupVaultName": "vault"}
ITEMS = "arn:aws:dynamodb:us-east-1:123456789012:table/items"
ITEM = {"id": {"S": "kept"}}
TARGET = {"targetTableName": "new", "encryptionType": "KMS", "kmsMasterKeyArn": "Not Applicable"}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "backup.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
NO_POINT = "arn:aws:backup:us-east-1:123456789012:recovery-point:none"
NO_ROLE = "arn:aws:iam::123456789012:role/none"


class Backups:
    """A world with a table, a recovery point of it in a vault, and a role."""

    def __init__(self, world: EmbeddedAws) -> None:
        self.backup, self.tables = world.client("backup"), world.client("dynamodb")
        made = world.client("iam").create_role(
            RoleName="backup", AssumeRolePolicyDocument=json.dumps(TRUST)
        )
        self.role = made["Role"]["Arn"]
        self.tables.create_table(
            TableName="items",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        self.tables.put_item(TableName="items", Item=ITEM)
        self.backup.create_backup_vault(**VAULT)
        made = self.backup.start_backup_job(**VAULT, ResourceArn=ITEMS, IamRoleArn=self.role)
        self.point = made["RecoveryPointArn"]
        self.tables.delete_item(TableName="items", Key=ITEM)

    def points(self, **more: str) -> list[str]:
        """The resources of the vault's recovery points."""
        told = self.backup.list_recovery_points_by_backup_vault(**VAULT, **more)
        return [point["ResourceArn"] for point in told["RecoveryPoints"]]

    def restore(self, point: str = "", role: str = "", **metadata: str) -> dict[str, Any]:
        """A restore job, as it ended."""
        started = self.backup.start_restore_job(
            RecoveryPointArn=point or self.point,
            IamRoleArn=role or self.role,
            Metadata=metadata,
        )
        job: dict[str, Any] = self.backup.describe_restore_job(RestoreJobId=started["RestoreJobId"])
        return job

    def delete(self) -> None:
        """Delete the recovery point."""
        self.backup.delete_recovery_point(**VAULT, RecoveryPointArn=self.point)


@pytest.fixture
def backups(empty_aws: EmbeddedAws) -> Iterator[Backups]:
    """A world of its own for each test."""
    with empty_aws.fork() as world:
        yield Backups(world)


def code_of(call: Callable[[], object]) -> str:
    """The error code that boto3 sees when the call fails."""
    with pytest.raises(ClientError) as caught:
        call()
    return str(caught.value.response["Error"]["Code"])


@pytest.mark.parametrize(("encryption", "encrypted"), [("KMS", True), ("Default", False)])
def test_job_restores_what_was_saved(backups: Backups, encryption: str, encrypted: bool) -> None:
    """To a new table, with the encryption that the metadata name, whatever their case."""
    wanted = {name.upper(): value for name, value in TARGET.items()}
    job = backups.restore(**wanted | {"ENCRYPTIONTYPE": encryption})
    assert (job["Status"], job["CreatedResourceArn"]) == ("COMPLETED", ITEMS[:-5] + "new")
    assert backups.tables.scan(TableName="new")["Items"] == [ITEM]
    assert backups.tables.scan(TableName="items")["Items"] == []
    told = backups.tables.describe_table(TableName="new")["Table"]
    assert ("SSEDescription" in told) is encrypted


def test_job_fails_where_a_table_is(backups: Backups) -> None:
    """AWS Backup replaces no table: the job fails, and says why."""
    job = backups.restore(**TARGET | {"targetTableName": "items"})
    assert job["Status"] == "FAILED"
    assert job["StatusMessage"] == "Table already exists: items"


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ({"point": NO_POINT}, "ResourceNotFoundException"),
        ({"role": NO_ROLE}, "InvalidParameterValueException"),
        ({"targetTableName": ""}, "InvalidParameterValueException"),
    ],
    ids=["recovery point", "role", "name"],
)
def test_job_needs(backups: Backups, what: dict[str, str], code: str) -> None:
    """A recovery point and a role that exist, and a name for the table."""
    assert code_of(lambda: backups.restore(**TARGET | what)) == code
    assert backups.tables.list_tables()["TableNames"] == ["items"]


def test_unknown_job_is_not_found(backups: Backups) -> None:
    """Only a job that was started has a state."""
    asked = backups.backup.describe_restore_job
    assert code_of(lambda: asked(RestoreJobId="none")) == "ResourceNotFoundException"


def test_vault_lists_by_resource(backups: Backups) -> None:
    """All of its recovery points, or those of a table."""
    assert backups.points() == backups.points(ByResourceArn=ITEMS) == [ITEMS]
    assert backups.points(ByResourceArn=ITEMS + "2") == []


def test_locked_vault_keeps_what_it_holds(backups: Backups) -> None:
    """Until the lock is removed; and no vault is deleted before it is empty."""
    backups.backup.put_backup_vault_lock_configuration(**VAULT, MinRetentionDays=7)
    assert code_of(backups.delete) == "InvalidRequestException"
    assert backups.points() == [ITEMS]
    backups.backup.delete_backup_vault_lock_configuration(**VAULT)
    drop = backups.backup.delete_backup_vault
    assert code_of(lambda: drop(**VAULT)) == "InvalidRequestException"
    backups.delete()
    assert code_of(backups.delete) == "ResourceNotFoundException"
    drop(**VAULT)
    assert backups.backup.list_backup_vaults()["BackupVaultList"] == []
