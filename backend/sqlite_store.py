"""The store for development: one SQLite file. On Fargate that file is deleted with its task.

A connection is open for one call, so threads and worker processes share only the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from backend.quota import FileClaim, Quota
from backend.store import (
    CodeTaken,
    Link,
    LinkExpired,
    LinkHasFile,
    LinkNotFound,
    LinkPage,
    QuotaExceeded,
    StoreUnavailable,
    TrialAlreadyUsed,
    User,
)
from backend.times import from_text, optional_instant, to_text

_BUSY_SECONDS = 5.0

SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
    user_id TEXT PRIMARY KEY,
    email TEXT,
    trial_started_at TEXT,
    trial_expires_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS urls (
    short_code TEXT PRIMARY KEY,
    created_by_user TEXT NOT NULL,
    target TEXT,
    file_key TEXT,
    filename TEXT,
    expires_at_ttl INTEGER,
    clicks INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CHECK ((target IS NULL) <> (file_key IS NULL))
) STRICT;
CREATE INDEX IF NOT EXISTS urls_by_user ON urls (created_by_user, short_code);
CREATE TABLE IF NOT EXISTS file_claims (
    file_key TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    size INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
"""

_START_TRIAL = """
INSERT INTO users VALUES (:user_id, :email, :started, :expires, :started, :started)
ON CONFLICT (user_id) DO UPDATE SET
    email = coalesce(excluded.email, email), trial_started_at = excluded.trial_started_at,
    trial_expires_at = excluded.trial_expires_at, updated_at = excluded.updated_at
WHERE trial_started_at IS NULL
RETURNING *
"""

_ADD_LINK = """
INSERT INTO urls VALUES (:short_code, :created_by_user, :target, :file_key, :filename,
                         :expires_at_ttl, :clicks, :created_at, :updated_at)
"""

_FOLLOW_LINK = """
UPDATE urls SET clicks = clicks + 1, updated_at = :text
WHERE short_code = :code AND (expires_at_ttl IS NULL OR expires_at_ttl > :seconds)
RETURNING *
"""

_LIST_LINKS = """
SELECT * FROM urls WHERE created_by_user = :user AND short_code > :after
ORDER BY short_code LIMIT :limit
"""


_DELETE_LINK = """
DELETE FROM urls WHERE short_code = :code AND created_by_user = :user AND file_key IS :file
"""
_OWN_FILE = """
SELECT file_key FROM urls
WHERE short_code = :code AND created_by_user = :user AND file_key IS NOT NULL
"""


class SqliteStore:
    """A Store in the file at `path`, which is created if missing. Raises StoreUnavailable."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._connection() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(SCHEMA)

    def get_user(self, user_id: str) -> User | None:
        """See Store.get_user."""
        with self._connection() as connection:
            row = connection.execute("SELECT * FROM users WHERE user_id = ?", (user_id,)).fetchone()
        return None if row is None else user_from_row(row)

    def start_trial(
        self, user_id: str, email: str | None, started_at: datetime, expires_at: datetime
    ) -> User:
        """See Store.start_trial: one statement decides, so only one concurrent start succeeds."""
        values = {
            "user_id": user_id,
            "email": email,
            "started": to_text(started_at),
            "expires": to_text(expires_at),
        }
        with self._connection() as connection:
            rows = connection.execute(_START_TRIAL, values).fetchall()
        if rows:
            return user_from_row(rows[0])
        user = self.get_user(user_id)
        if user is None:
            raise StoreUnavailable("the user was deleted while starting the trial")
        raise TrialAlreadyUsed(user)

    def add_link(self, link: Link) -> None:
        """See Store.add_link."""
        values = {
            "short_code": link.short_code,
            "created_by_user": link.created_by_user,
            "target": link.target,
            "file_key": link.file_key,
            "filename": link.filename,
            "expires_at_ttl": None if link.expires_at is None else int(link.expires_at.timestamp()),
            "clicks": link.clicks,
            "created_at": to_text(link.created_at),
            "updated_at": to_text(link.updated_at),
        }
        with self._connection() as connection:
            try:
                connection.execute(_ADD_LINK, values)
            except sqlite3.IntegrityError as error:
                if error.sqlite_errorname == "SQLITE_CONSTRAINT_PRIMARYKEY":
                    raise CodeTaken(link.short_code) from error
                raise

    def get_link(self, short_code: str, now: datetime) -> Link:
        """See Store.get_link."""
        with self._connection() as connection:
            statement = "SELECT * FROM urls WHERE short_code = ?"
            row = connection.execute(statement, (short_code,)).fetchone()
        if row is None:
            raise LinkNotFound(short_code)
        link = link_from_row(row)
        if link.is_over(now):
            raise LinkExpired(short_code)
        return link

    def follow_link(self, short_code: str, now: datetime) -> Link:
        """See Store.follow_link."""
        values = {"code": short_code, "seconds": int(now.timestamp()), "text": to_text(now)}
        with self._connection() as connection:
            rows = connection.execute(_FOLLOW_LINK, values).fetchall()
            if rows:
                return link_from_row(rows[0])
            found = connection.execute("SELECT 1 FROM urls WHERE short_code = ?", (short_code,))
            raise LinkExpired(short_code) if found.fetchone() else LinkNotFound(short_code)

    def list_links(self, user_id: str, limit: int, after: str | None) -> LinkPage:
        """See Store.list_links: ordered by code."""
        values = {"user": user_id, "after": after or "", "limit": limit + 1}
        with self._connection() as connection:
            rows = connection.execute(_LIST_LINKS, values).fetchall()
        links = tuple(link_from_row(row) for row in rows[:limit])
        return LinkPage(links, links[-1].short_code if len(rows) > limit else None)

    def delete_link(self, user_id: str, short_code: str, file_key: str | None = None) -> None:
        """See Store.delete_link."""
        values = {"code": short_code, "user": user_id, "file": file_key}
        with self._connection() as connection:
            if connection.execute(_DELETE_LINK, values).rowcount:
                return
            row = connection.execute(_OWN_FILE, values).fetchone()
        raise LinkHasFile(row["file_key"]) if row else LinkNotFound(short_code)

    def claim_file(self, user_id: str, claim: FileClaim, quota: Quota, now: datetime) -> None:
        """See Store.claim_file: one transaction."""
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            expired = "DELETE FROM file_claims WHERE user_id = ? AND expires_at <= ?"
            connection.execute(expired, (user_id, int(now.timestamp())))
            claims = "SELECT * FROM file_claims WHERE user_id = ?"
            rows = connection.execute(claims, (user_id,)).fetchall()
            if text := quota.refusal([_claim_from_row(row) for row in rows], claim):
                raise QuotaExceeded(text)
            values = (claim.key, user_id, claim.size, int(claim.expires_at.timestamp()))
            connection.execute("INSERT OR REPLACE INTO file_claims VALUES (?, ?, ?, ?)", values)
            connection.execute("COMMIT")

    def release_file(self, user_id: str, key: str) -> None:
        """See Store.release_file."""
        statement = "DELETE FROM file_claims WHERE user_id = ? AND file_key = ?"
        with self._connection() as connection:
            connection.execute(statement, (user_id, key))

    def check(self) -> None:
        """See Store.check."""
        with self._connection() as connection:
            connection.execute("SELECT 1 FROM users, urls LIMIT 1").fetchone()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection in autocommit mode for one call; sqlite3 errors become StoreUnavailable."""
        try:
            with closing(
                sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
            ) as connection:
                connection.row_factory = sqlite3.Row
                yield connection
        except sqlite3.Error as error:
            raise StoreUnavailable(f"SQLite: {error}") from error


def user_from_row(row: sqlite3.Row) -> User:
    """The user in a row of `users`. Raises ValueError for an invalid time."""
    return User(
        user_id=row["user_id"],
        email=row["email"],
        trial_started_at=optional_instant(row["trial_started_at"]),
        trial_expires_at=optional_instant(row["trial_expires_at"]),
        created_at=from_text(row["created_at"]),
        updated_at=from_text(row["updated_at"]),
    )


def link_from_row(row: sqlite3.Row) -> Link:
    """The link in a row of `urls`. Raises ValueError for an invalid time."""
    seconds = row["expires_at_ttl"]
    return Link(
        short_code=row["short_code"],
        created_by_user=row["created_by_user"],
        created_at=from_text(row["created_at"]),
        updated_at=from_text(row["updated_at"]),
        target=row["target"],
        file_key=row["file_key"],
        filename=row["filename"],
        expires_at=None if seconds is None else datetime.fromtimestamp(seconds, UTC),
        clicks=row["clicks"],
    )


def _claim_from_row(row: sqlite3.Row) -> FileClaim:
    expires_at = datetime.fromtimestamp(row["expires_at"], UTC)
    return FileClaim(row["file_key"], row["size"], expires_at)
