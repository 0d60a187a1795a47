"""Restores of tables, files and accounts; also where AWS refuses what the runbook asks for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.docs.runbooks.kit import URLS, USERS, First, Operator, back_up, changes, desired
from tests.docs.runbooks.shell import Shell
from verification.engine.aws.emulator import EmbeddedAws, Fault
from verification.engine.smoke.scenarios.backup import items, next_second
from verification.engine.smoke.scenarios.helpers import trial_of

pytestmark = pytest.mark.slow

COPY = f"{USERS}-restored"
REFUSED = 255  # What AWS's command line ends with when AWS refuses.
KEY = "uploads/user/file"
GOOD, BAD = ({"user_id": {"S": "user"}, "trial_used": {"BOOL": used}} for used in (True, False))


def test_restore(operator: Operator) -> None:
    """A damaged and a deleted table come back with content and settings, and the service on them.

    Which is as before: the access policy names the tables as before, and nothing else changed.
    """
    held, were = operator.held(), operator.settings()
    dynamodb, (users, urls) = operator.client("dynamodb"), operator.tables.values()
    when = next_second()
    dynamodb.delete_item(TableName=users, Key={"user_id": {"S": operator.user.user_id}})
    dynamodb.update_table(TableName=urls, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=urls)
    assert trial_of(operator.user)["trial_used"] is False

    operator.shell.command(f"TABLE={users} WHEN={when:%FT%TZ}")
    operator.run("point-in-time")
    operator.run("back-up-the-copy")
    assert items(dynamodb, f"{users}-restored") == held["users"] != items(dynamodb, users)
    assert operator.tasks() == 2
    operator.run("suspend-scaling")
    operator.run("replace")
    operator.shell.command(f"TABLE={urls} COPIED=$BACKUP")
    operator.run("deleted-table")
    operator.run("replace")
    assert (operator.tasks(), operator.held()) == (2, held)
    assert operator.settings() != were
    assert changes(operator.run("settings-again")) == (0, 2, 0)
    assert (operator.held(), operator.settings()) == (held, were)

    operator.run("resume-scaling")
    operator.shell.command(f"TABLE={users} BACKUP=$COPIED")
    operator.run("tidy")
    assert (operator.tasks(), operator.suspended()) == (2, {False})
    assert set(dynamodb.list_tables()["TableNames"]) == {users, urls}
    assert dynamodb.list_backups()["BackupSummaries"] == []
    operator.has_everything()
    operator.is_empty()


@pytest.fixture
def damaged(world: EmbeddedAws, shell: Shell) -> None:
    """A bad item in the users table, which was good at WHEN, and when it was backed up."""
    dynamodb = world.client("dynamodb")
    dynamodb.put_item(TableName=USERS, Item=GOOD)
    moment = next_second()
    back_up(world, USERS)
    dynamodb.put_item(TableName=USERS, Item=BAD)
    shell.command(f"TABLE={USERS} WHEN={moment:%FT%TZ}")


def is_as_before(world: EmbeddedAws) -> None:
    """The service wants as many tasks as ever, on the damaged table."""
    assert desired(world) == 2
    assert list(items(world.client("dynamodb"), USERS).values()) == [BAD]


@pytest.mark.usefixtures("damaged")
def test_scheduled_backup(world: EmbeddedAws, shell: Shell) -> None:
    """The last recovery point becomes a copy, encrypted as the table is, and then the table."""
    shell.run("last-scheduled-backup")
    shell.run("scheduled-backup")
    shell.run("back-up-the-copy")
    is_as_before(world)
    shell.run("replace")
    assert desired(world) == 2
    dynamodb = world.client("dynamodb")
    assert list(items(dynamodb, USERS).values()) == [GOOD]
    tables = [dynamodb.describe_table(TableName=name)["Table"] for name in (USERS, COPY, URLS)]
    assert len({table["SSEDescription"]["KMSMasterKeyArn"] for table in tables}) == 1


@pytest.mark.usefixtures("damaged")
def test_refused_copies_change_nothing(world: EmbeddedAws, shell: Shell) -> None:
    """What AWS refuses beside the table ends with its words, after three tries, at no task less."""
    world.inject(Fault("dynamodb", "RestoreTableToPointInTime", code="LimitExceededException"))
    assert "LimitExceededException" in shell.run("point-in-time", REFUSED)
    world.clear_faults()
    shell.run("point-in-time")
    world.inject(Fault("dynamodb", "CreateBackup", code="ContinuousBackupsUnavailableException"))
    said = shell.run("back-up-the-copy", 1)
    assert said.count("ContinuousBackupsUnavailableException") == 3
    assert "Gave up after try 3 of 3: aws dynamodb create-backup" in said
    assert shell.run("last-copy", 1).count("ContinuousBackupsUnavailableException") == 3
    shell.run("last-scheduled-backup")
    said = shell.run("scheduled-backup", 1)
    assert f"Table already exists: {COPY}" in said
    assert "Gave up after try 1 of 3: answers COMPLETED backup" in said
    is_as_before(world)


@pytest.mark.usefixtures("damaged")
def test_refused_restore_puts_the_service_back(world: EmbeddedAws, shell: Shell) -> None:
    """Without the table, but with all its tasks and a message; run again, it restores the table."""
    shell.run("point-in-time")
    shell.run("back-up-the-copy")
    world.inject(Fault("dynamodb", "RestoreTableFromBackup", code="LimitExceededException"))
    before = desired(world)
    said = shell.run("replace", 1)
    assert said.count("LimitExceededException") == 3
    assert f"{USERS} is not restored from arn:aws:dynamodb:" in said
    assert "run this block again. The service should have 2 tasks." in said
    assert desired(world) == before == 2
    dynamodb = world.client("dynamodb")
    assert USERS not in dynamodb.list_tables()["TableNames"]
    world.clear_faults()
    assert "is not restored" not in shell.run("replace")
    assert desired(world) == 2
    assert list(items(dynamodb, USERS).values()) == [GOOD]


@pytest.mark.usefixtures("damaged")
@pytest.mark.parametrize("backup", ["None", f"arn:aws:dynamodb:us-east-1:1:table/{URLS}/backup/1"])
def test_nothing_is_replaced_by_nothing(world: EmbeddedAws, shell: Shell, backup: str) -> None:
    """Without a backup of this very table that AWS has, neither service nor table is touched."""
    shell.command(f"BACKUP={backup}")
    said = shell.run("replace", 1)
    assert f"Nothing was changed: '{backup}' is no available backup of {USERS}" in said
    is_as_before(world)


@pytest.mark.usefixtures("damaged")
def test_backup_of_the_other_table_is_refused(world: EmbeddedAws, shell: Shell) -> None:
    """The links are not restored as users."""
    shell.run("last-copy")
    listed = world.client("dynamodb").list_backups(TableName=URLS)["BackupSummaries"]
    shell.command(f"BACKUP={listed[0]['BackupArn']}")
    assert f"is no available backup of {USERS}" in shell.run("replace", 1)
    is_as_before(world)


def test_files(first: First, world: EmbeddedAws, shell: Shell) -> None:
    """A replaced and a deleted file come back; what was never deleted is told so."""
    s3, here = world.client("s3"), {"Bucket": first.outputs["uploads_bucket_name"], "Key": KEY}

    def content() -> bytes:
        read: bytes = s3.get_object(**here)["Body"].read()
        return read

    s3.put_object(**here, Body=b"good")
    s3.put_object(**here, Body=b"bad")
    shell.command(f"KEY={KEY}")
    assert f"S3 knows of no deletion of {KEY}." in shell.run("deleted-file", 1)
    shell.run("replaced-file")
    assert content() == b"good"
    s3.delete_object(**here)
    shell.run("deleted-file")
    assert content() == b"good"


def test_accounts(first: First, world: EmbeddedAws, shell: Shell) -> None:
    """Who lost an account is invited again, under another id; who has one keeps it."""
    pool = {"UserPoolId": first.outputs["user_pool_id"]}
    cognito, emails = world.client("cognito-idp"), ["gone@example.com", "here@example.com"]
    for email in emails:
        cognito.admin_create_user(
            **pool, Username=email, UserAttributes=[{"Name": "email", "Value": email}]
        )
    before = _ids(cognito, pool)
    shell.run("keep-accounts")
    cognito.admin_delete_user(**pool, Username=emails[0])
    said = shell.run("invite-again")
    assert f"{emails[1]} was not invited" in said
    assert f"{emails[0]} was not invited" not in said
    after = _ids(cognito, pool)
    assert after.keys() == before.keys() == set(emails)
    assert after[emails[0]] != before[emails[0]]
    assert after[emails[1]] == before[emails[1]]


def _ids(cognito: Any, pool: dict[str, str]) -> dict[str, str]:
    """The id of each account, by email address."""
    users = cognito.list_users(**pool)["Users"]
    told = [{one["Name"]: one["Value"] for one in user["Attributes"]} for user in users]
    return {attributes["email"]: attributes["sub"] for attributes in told}
