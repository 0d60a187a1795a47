"""Copies a SQLite file of this application into the two DynamoDB tables, and checks the result.

    python -m backend.dynamodb_migration --sqlite FILE [--dry-run]

The tables are those of AWS_REGION, DYNAMODB_USERS_TABLE_NAME and DYNAMODB_URLS_TABLE_NAME. Each row
is one PutItem with the condition that the table has no item, or an older one: newer items are not
overwritten, running it twice changes nothing, and running it again after an interruption resumes. A
PutItem repeated by the SDK finds its own row, which counts as present. The file is read in one
transaction and not written. Actions used: GetItem and PutItem.

Exit codes: 0 every row is in the tables, or something newer (with --dry-run: would be);
1 the final check found a difference; 2 wrong arguments or not a file of this application;
3 the configuration is incomplete or the tables cannot be used; 130 interrupted.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

from backend.aws import LazyClient
from backend.config import ConfigError, load_dynamodb_settings
from backend.dynamodb_calls import ConditionFailed, call
from backend.dynamodb_items import BOOKKEEPING, Item, link_to_item, user_to_item
from backend.sqlite_store import link_from_row, user_from_row
from backend.store import StoreUnavailable
from backend.times import utc_now

EXIT_DIFFERENT = 1
EXIT_USAGE = 2
EXIT_UNAVAILABLE = 3
EXIT_INTERRUPTED = 130
_PROGRESS_SECONDS = 2.0
# Good results of the final check. DynamoDB itself deletes expired links.
_WELL = {"present", "newer there", "expired"}


class NotOurs(Exception):
    """The file is not a readable SQLite file of this application; the text has the reason."""


@dataclass(frozen=True)
class Table:
    """One table to copy: rows of `source`, as items with the key `key`, to `target`."""

    source: str
    key: str
    to_item: Callable[[sqlite3.Row], Item]
    target: str


class Migration:
    """One run over `tables`; progress lines go to `out`."""

    def __init__(self, client: LazyClient, tables: list[Table], out: TextIO) -> None:
        self._client = client
        self._tables = tables
        self._out = out

    def run(self, connection: sqlite3.Connection, dry_run: bool) -> bool:
        """Copy and check everything; whether all is well. Raises NotOurs, StoreUnavailable."""
        connection.execute("BEGIN")
        act = self._foresee if dry_run else self._copy
        for table in self._tables:
            self._walk(connection, table, "would copy" if dry_run else "copy", act)
        if dry_run:
            return True
        checks = [self._walk(connection, t, "check", self._check) for t in self._tables]
        return all(set(counts) <= _WELL for counts in checks)

    def _walk(
        self,
        connection: sqlite3.Connection,
        table: Table,
        verb: str,
        act: Callable[[Table, Item], str],
    ) -> Counter[str]:
        """Call `act` for every row, with progress lines."""
        total = _count(connection, table)
        counts: Counter[str] = Counter()
        reported_at = time.monotonic()
        for done, item in enumerate(_items(connection, table), start=1):
            counts[act(table, item)] += 1
            if time.monotonic() - reported_at >= _PROGRESS_SECONDS:
                reported_at = time.monotonic()
                self._say(f"{verb} {table.source}: {done} of {total}")
        details = ", ".join(f"{n} {outcome}" for outcome, n in sorted(counts.items()))
        self._say(f"{verb} {table.source}: {sum(counts.values())} of {total} rows ({details})")
        return counts

    def _copy(self, table: Table, item: Item) -> str:
        """Write the row unless the table has it, or a newer item."""
        try:
            call(
                self._client,
                "put_item",
                TableName=table.target,
                Item=item,
                ConditionExpression=f"attribute_not_exists({table.key}) OR updated_at < :updated",
                ExpressionAttributeValues={":updated": item["updated_at"]},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ConditionFailed as refusal:
            return _compare(item, refusal.item)
        return "written"

    def _foresee(self, table: Table, item: Item) -> str:
        return _compare(item, self._get(table, item))

    def _check(self, table: Table, item: Item) -> str:
        outcome = _compare(item, self._get(table, item))
        if outcome == "missing" and _is_over(item, utc_now()):
            outcome = "expired"
        if outcome not in _WELL:
            self._say(f"check {table.source}: {item[table.key]['S']} is {outcome}")
        return outcome

    def _get(self, table: Table, item: Item) -> Item | None:
        key = {table.key: item[table.key]}
        answer = call(
            self._client, "get_item", TableName=table.target, Key=key, ConsistentRead=True
        )
        found: Item | None = answer.get("Item")
        return found

    def _say(self, line: str) -> None:
        print(line, file=self._out, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code. A failure is one sentence on standard error."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_dynamodb_settings()
        tables = [
            Table(
                "users", "user_id", lambda r: user_to_item(user_from_row(r)), settings.users_table
            ),
            Table(
                "urls", "short_code", lambda r: link_to_item(link_from_row(r)), settings.urls_table
            ),
        ]
        client = LazyClient("dynamodb", settings.region, settings.endpoint_url)
        with closing(_open(options.sqlite)) as connection:
            well = Migration(client, tables, sys.stderr).run(connection, options.dry_run)
    except NotOurs as error:
        return _fail(EXIT_USAGE, str(error))
    except (ConfigError, StoreUnavailable) as error:
        return _fail(EXIT_UNAVAILABLE, str(error))
    except KeyboardInterrupt:
        return _fail(EXIT_INTERRUPTED, "interrupted; run the same command again to resume")
    return 0 if well else _fail(EXIT_DIFFERENT, "the tables differ from the file, see above")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m backend.dynamodb_migration",
        description="Copy a SQLite file of FileShare Plus into its DynamoDB tables.",
        epilog="Exit codes: 0 done, 1 tables differ, 2 wrong file, 3 no tables, 130 interrupted.",
    )
    parser.add_argument("--sqlite", type=Path, required=True, metavar="FILE", help="the source")
    parser.add_argument("--dry-run", action="store_true", help="only print what would be done")
    return parser


def _open(path: Path) -> sqlite3.Connection:
    """The file, opened read-only, with explicit transactions. Raises NotOurs."""
    if not path.is_file():
        raise NotOurs(f"there is no file {path}")
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None
    )
    connection.row_factory = sqlite3.Row
    return connection


def _count(connection: sqlite3.Connection, table: Table) -> int:
    try:
        count: int = connection.execute(f"SELECT count(*) FROM {table.source}").fetchone()[0]
    except sqlite3.Error as error:
        raise NotOurs(f"the file has no readable table {table.source}: {error}") from error
    return count


def _items(connection: sqlite3.Connection, table: Table) -> Iterator[Item]:
    """The rows as items, ordered by key. Raises NotOurs for an invalid row."""
    try:
        for row in connection.execute(f"SELECT * FROM {table.source} ORDER BY {table.key}"):
            yield table.to_item(row)
    except (sqlite3.Error, IndexError, TypeError, ValueError) as error:
        raise NotOurs(f"a row of the table {table.source} is invalid: {error}") from error


def _compare(wanted: Item, found: Item | None) -> str:
    """How the found item differs from the wanted one; bookkeeping attributes are ignored."""
    if found is None:
        return "missing"
    if {name: value for name, value in found.items() if name not in BOOKKEEPING} == wanted:
        return "present"
    there, here = found.get("updated_at", {}).get("S", ""), wanted["updated_at"]["S"]
    if there > here:
        return "newer there"
    return "older there" if there < here else "different"


def _is_over(item: Item, now: datetime) -> bool:
    seconds = item.get("expires_at_ttl", {}).get("N")
    return seconds is not None and int(seconds) <= now.timestamp()


def _fail(code: int, sentence: str) -> int:
    print(f"dynamodb_migration: {sentence}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
