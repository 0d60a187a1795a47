"""A global secondary index lags behind its table, as on AWS."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.aws.emulator.moto_patches.dynamodb_writes import LAG

pytestmark = pytest.mark.slow

# A test that was held up for so long has seen nothing.
SOON = LAG / 2
OWNED: dict[str, Any] = {
    "IndexName": "by-owner",
    "KeyConditionExpression": "#o = :o",
    "ExpressionAttributeNames": {"#o": "owner"},
    "ExpressionAttributeValues": {":o": {"S": "me"}},
}


@pytest.fixture(name="table")
def _table(empty_aws: EmbeddedAws) -> Iterator[Callable[..., Any]]:
    """Calls of DynamoDB for a table with an index on `owner`."""
    with empty_aws.fork() as world:
        client = world.client("dynamodb")
        client.create_table(
            TableName="links",
            KeySchema=[{"AttributeName": "code", "KeyType": "HASH"}],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("code", "owner")
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by-owner",
                    "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        yield lambda operation, **more: getattr(client, operation)(TableName="links", **more)


def item(code: str, clicks: int = 0) -> dict[str, Any]:
    """A link."""
    return {"code": {"S": code}, "owner": {"S": "me"}, "clicks": {"N": str(clicks)}}


def seen(table: Callable[..., Any]) -> dict[str, str]:
    """The clicks of each code in the index."""
    found = table("query", **OWNED)["Items"]
    assert table("scan", IndexName="by-owner")["Count"] >= 0
    return {one["code"]["S"]: one["clicks"]["N"] for one in found}


def soon(table: Callable[..., Any], write: Callable[[], object]) -> dict[str, str]:
    """What the index has right after a write; again, if the machine was too slow to tell."""
    for _ in range(20):
        began = time.monotonic()
        write()
        found = seen(table)
        if time.monotonic() - began < SOON:
            return found
        time.sleep(2 * LAG)
    pytest.fail("the machine is too slow to ask within the lag")


def test_new_item_is_listed_later(table: Callable[..., Any]) -> None:
    """The table has it at once, the index a moment later."""
    numbers = iter(range(100))
    written = []

    def write() -> None:
        written.append(f"code{next(numbers)}")
        table("put_item", Item=item(written[-1]))

    found = soon(table, write)
    assert written[-1] not in found
    assert table("get_item", Key={"code": {"S": written[-1]}})["Item"] == item(written[-1])
    time.sleep(2 * LAG)
    assert set(seen(table)) == set(written)


def test_changed_items_are_listed_as_they_were(table: Callable[..., Any]) -> None:
    """An update arrives later, too."""
    table("put_item", Item=item("changed"))
    time.sleep(2 * LAG)

    def update() -> None:
        value = {":one": {"N": "1"}}
        table(
            "update_item",
            Key={"code": {"S": "changed"}},
            UpdateExpression="ADD clicks :one",
            ExpressionAttributeValues=value,
        )

    before = int(soon(table, update)["changed"])
    time.sleep(2 * LAG)
    assert int(seen(table)["changed"]) == before + 1


def test_deleted_items_are_listed_for_a_moment(table: Callable[..., Any]) -> None:
    """A deletion arrives later, too, and the others stay."""
    codes = [f"code{number}" for number in range(20)]
    for code in ("kept", *codes):
        table("put_item", Item=item(code))
    time.sleep(2 * LAG)
    deleted = []

    def delete() -> None:
        deleted.append(codes.pop())
        table("delete_item", Key={"code": {"S": deleted[-1]}})

    found = soon(table, delete)
    assert deleted[-1] in found
    time.sleep(2 * LAG)
    assert set(seen(table)) == {"kept", *codes}


def test_a_table_is_read_as_it_is(table: Callable[..., Any]) -> None:
    """Without an index a query and a scan find what was just written."""
    table("put_item", Item=item("new"))
    assert table("scan", ConsistentRead=True)["Count"] == 1
    condition = {
        "KeyConditionExpression": "code = :c",
        "ExpressionAttributeValues": {":c": {"S": "new"}},
    }
    assert table("query", **condition)["Count"] == 1
