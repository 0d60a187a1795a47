"""What was in DynamoDB's tables before: for point-in-time recovery, and for indexes that lag."""

import copy
import inspect
import time
from collections.abc import Iterator
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

from verification.engine.aws.emulator.moto_patches.patching import Method, wrap

Key = tuple[DynamoType, DynamoType | None]
LAG = 0.3
"""Seconds until a global secondary index has a write."""


class _Writes(list[tuple[float, Key, Item | None]]):
    """Time, key and previous item of a table's writes; copies of a table share items."""

    def __deepcopy__(self, _: dict[int, Any]) -> "_Writes":
        return _Writes(self)


def memory() -> None:
    """moto 5.2.5 forgets what a write replaces. Writes by PartiQL are not recorded."""
    for write in ("put_item", "update_item", "delete_item"):
        wrap(DynamoDBBackend, write, _remembered)


def lagging_indexes() -> None:
    """moto 5.2.5 reads a global secondary index as of now.

    AWS updates it a moment after the table, "within a fraction of a second, under normal
    conditions": who lists what was just written may not find it. (Amazon DynamoDB Developer Guide,
    "Using Global Secondary Indexes in DynamoDB",
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html)
    """
    for read in ("query", "scan"):
        wrap(Table, read, _lagging)


def undone(table: Table, when: float) -> Iterator[tuple[Key, Item | None]]:
    """What was at a time, by key, the newest write first, so that the oldest value wins."""
    for at, key, before in reversed(_writes(table)):
        if at <= when:
            break
        yield key, copy.deepcopy(before)


def recoverable(table: Table) -> bool:
    """Whether point-in-time recovery is on."""
    recovery = table.continuous_backups["PointInTimeRecoveryDescription"]
    return bool(recovery["PointInTimeRecoveryStatus"] == "ENABLED")


def put_back(table: Table, key: Key, item: Any) -> None:
    """Let a table have an item again, or not have it."""
    hash_key, range_key = key
    items: dict[DynamoType, Any] = table.items if range_key is None else table.items[hash_key]
    if item is None:
        items.pop(range_key or hash_key, None)
    else:
        items[range_key or hash_key] = item


def _remembered(original: Method) -> Method:
    def write(self: Any, table_name: str, attributes: dict[str, Any], *args: Any, **kw: Any) -> Any:
        table = self.tables.get(table_name)
        if table is None or not _has_key(table, attributes):
            return original(self, table_name, attributes, *args, **kw)
        key = self.get_keys_value(table, attributes)
        before = copy.deepcopy(table.get_item(*key))
        try:
            return original(self, table_name, attributes, *args, **kw)
        finally:
            _writes(table).append((time.time(), key, before))

    return write


def _lagging(original: Method) -> Method:
    named = inspect.signature(original)

    def read(self: Any, *args: Any, **kwargs: Any) -> Any:
        index = named.bind(self, *args, **kwargs).arguments.get("index_name")
        if index not in {one.name for one in self.global_indexes}:
            return original(self, *args, **kwargs)
        return original(_as_it_was(self, time.time() - LAG), *args, **kwargs)

    return read


def _as_it_was(table: Table, when: float) -> Table:
    """A view of a table at a time; writes to the table go on meanwhile."""
    view = copy.copy(table)
    view.items = table.items.copy()
    for key, item in undone(table, when):
        if key[1] is not None:
            view.items[key[0]] = dict(view.items[key[0]])
        put_back(view, key, item)
    return view


def _has_key(table: Table, attributes: dict[str, Any]) -> bool:
    names = [table.hash_key_attr, table.range_key_attr]
    return all(name in attributes for name in names if name is not None)


def _writes(table: Table) -> _Writes:
    """A table's writes; those that nothing needs any more are forgotten."""
    found: _Writes = vars(table).setdefault("embedded_writes", _Writes())
    if not recoverable(table):
        needed = time.time() - 2 * LAG
        while found and found[0][0] < needed:
            found.pop(0)
    return found
