"""The migration: complete, repeatable, resumable after a kill, and harmless to newer data."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backend import dynamodb_migration
from backend.config import DynamoSettings
from backend.dynamodb_adapter import DynamoStore
from backend.dynamodb_calls import call
from backend.dynamodb_migration import main
from backend.sqlite_store import SqliteStore
from backend.store import Link, LinkExpired, LinkNotFound
from tests.backend.kit import START, dynamodb_client

MONTH = timedelta(days=30)
EXPIRY = START.replace(microsecond=0) + MONTH
LINKS = [
    Link("plain", "user-1", START, START, target="https://example.com/"),
    Link("brief", "user-1", START, START, target="https://example.com/", expires_at=EXPIRY),
    Link("file", "user-2", START, START, file_key="uploads/user-2/x", filename="Ü.pdf", clicks=7),
]


@pytest.fixture(name="source")
def _source(tmp_path: Path) -> Path:
    """A SQLite file with two users and three links."""
    store = SqliteStore(tmp_path / "source.sqlite3")
    store.start_trial("user-1", "user-1@example.com", START, START + MONTH)
    store.start_trial("user-2", None, START, START + MONTH)
    for link in LINKS:
        store.add_link(link)
    return tmp_path / "source.sqlite3"


@pytest.fixture(name="migrate")
def _migrate(
    dynamodb: DynamoSettings, source: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., int]:
    """Run the migration of the source into fresh tables; the exit code."""
    monkeypatch.setenv("AWS_REGION", dynamodb.region)
    monkeypatch.setenv("AWS_ENDPOINT_URL", dynamodb.endpoint_url or "")
    monkeypatch.setenv("DYNAMODB_USERS_TABLE_NAME", dynamodb.users_table)
    monkeypatch.setenv("DYNAMODB_URLS_TABLE_NAME", dynamodb.urls_table)
    return lambda *options: main(["--sqlite", str(source), *options])


def items(settings: DynamoSettings) -> list[dict[str, Any]]:
    """Everything in both tables, in a fixed order."""
    client = dynamodb_client(settings)
    tables = (settings.users_table, settings.urls_table)
    return sorted((i for t in tables for i in client.scan(TableName=t)["Items"]), key=repr)


def test_everything_arrives(
    migrate: Callable[..., int], dynamodb: DynamoSettings, source: Path
) -> None:
    """After the migration the DynamoDB store answers exactly as the SQLite store did."""
    assert migrate() == 0
    before, after = SqliteStore(source), DynamoStore(dynamodb)
    for user_id in ("user-1", "user-2"):
        assert after.get_user(user_id) == before.get_user(user_id)
        expected = set(before.list_links(user_id, 10, None).links)
        assert set(after.list_links(user_id, 10, None).links) == expected
    with pytest.raises(LinkExpired):
        after.follow_link("brief", EXPIRY)


def test_an_empty_email_leaves_no_attribute(
    migrate: Callable[..., int], dynamodb: DynamoSettings, source: Path
) -> None:
    """An empty email cannot be the key of an index: the user arrives without one."""
    with closing(sqlite3.connect(source)) as connection, connection:
        connection.execute("UPDATE users SET email = ''")
    assert migrate() == 0
    assert not any("email" in item for item in items(dynamodb))


def test_running_again_changes_nothing(
    migrate: Callable[..., int], dynamodb: DynamoSettings
) -> None:
    """The migration is idempotent, to the attribute."""
    assert migrate() == 0
    first = items(dynamodb)
    assert migrate() == 0
    assert items(dynamodb) == first
    assert len(first) == 5


def test_a_dry_run_writes_nothing(
    migrate: Callable[..., int], dynamodb: DynamoSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    """A dry run says what is missing and leaves it missing."""
    assert migrate("--dry-run") == 0
    assert items(dynamodb) == []
    assert "would copy urls: 3 of 3 rows (3 missing)" in capsys.readouterr().err


@pytest.mark.parametrize("survives", [0, 1, 3])
def test_a_killed_run_is_resumed(
    migrate: Callable[..., int],
    dynamodb: DynamoSettings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    survives: int,
) -> None:
    """Killed after any number of writes, running again completes the rest."""
    real, writes = call, [0]

    def killed(client: Any, operation: str, **parameters: Any) -> Any:
        if writes[0] == survives:
            raise KeyboardInterrupt
        writes[0] += 1
        return real(client, operation, **parameters)

    with monkeypatch.context() as context:
        context.setattr(dynamodb_migration, "call", killed)
        assert migrate() == 130
    assert len(items(dynamodb)) == survives
    assert "run the same command again" in capsys.readouterr().err
    assert migrate() == 0
    assert len(items(dynamodb)) == 5


def test_newer_items_are_kept(migrate: Callable[..., int], dynamodb: DynamoSettings) -> None:
    """What users did after the move is never undone, and is no difference."""
    assert migrate() == 0
    store = DynamoStore(dynamodb)
    clicked = store.follow_link("plain", START + timedelta(days=1))
    assert migrate() == 0
    assert clicked in store.list_links("user-1", 10, None).links


def test_older_items_are_replaced(
    migrate: Callable[..., int], dynamodb: DynamoSettings, source: Path
) -> None:
    """A second run brings over what happened in the file since the first."""
    assert migrate() == 0
    clicked = SqliteStore(source).follow_link("file", START + timedelta(days=1))
    assert migrate() == 0
    assert DynamoStore(dynamodb).list_links("user-2", 10, None).links == (clicked,)


def test_a_difference_is_found(
    migrate: Callable[..., int], dynamodb: DynamoSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Other content under the same key and time is named, not overwritten, and exits with 1."""
    DynamoStore(dynamodb).add_link(replace(LINKS[0], target="https://other.example/"))
    assert migrate() == 1
    assert "check urls: plain is different" in capsys.readouterr().err
    followed = DynamoStore(dynamodb).follow_link("plain", START)
    assert followed.target == "https://other.example/"


def test_links_that_ttl_deleted_are_no_difference(
    migrate: Callable[..., int], dynamodb: DynamoSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link whose time is over may vanish between the copy and the check."""
    real = call

    def with_ttl(client: Any, operation: str, **parameters: Any) -> Any:
        answer = real(client, operation, **parameters)
        deleted = operation == "get_item" and parameters["Key"] == {"short_code": {"S": "brief"}}
        return {} if deleted else answer

    monkeypatch.setattr(dynamodb_migration, "call", with_ttl)
    assert migrate() == 0
    monkeypatch.setattr(dynamodb_migration, "utc_now", lambda: START)
    assert migrate() == 1


@pytest.mark.parametrize("content", [None, b"", b"not a database, but long enough" * 50])
def test_another_file_is_refused(
    migrate: Callable[..., int],
    source: Path,
    capsys: pytest.CaptureFixture[str],
    content: bytes | None,
) -> None:
    """A file that is missing, empty, or something else exits with 2 and one sentence."""
    source.unlink()
    if content is not None:
        source.write_bytes(content)
    assert migrate() == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_row_that_makes_no_sense_is_refused(
    migrate: Callable[..., int], source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A time that is none stops the migration instead of arriving as rubbish."""
    with closing(sqlite3.connect(source)) as connection, connection:
        connection.execute("UPDATE users SET created_at = 'yesterday'")
    assert migrate() == 2
    assert "a row of the table users is invalid" in capsys.readouterr().err


def test_missing_tables_exit_with_3(
    migrate: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Tables that are not there are told apart from a bad file."""
    monkeypatch.setenv("DYNAMODB_URLS_TABLE_NAME", "no-such-table")
    assert migrate() == 3
    assert "ResourceNotFoundException" in capsys.readouterr().err
    monkeypatch.delenv("DYNAMODB_URLS_TABLE_NAME")
    assert migrate() == 3
    assert "DYNAMODB_URLS_TABLE_NAME is not set" in capsys.readouterr().err


def test_the_file_is_not_changed(migrate: Callable[..., int], source: Path) -> None:
    """The source stays byte for byte what it was."""
    before = source.read_bytes()
    assert migrate() == 0
    assert source.read_bytes() == before


def test_unknown_codes_stay_unknown(migrate: Callable[..., int], dynamodb: DynamoSettings) -> None:
    """The migration invents nothing."""
    assert migrate() == 0
    with pytest.raises(LinkNotFound):
        DynamoStore(dynamodb).follow_link("unknown", START)
