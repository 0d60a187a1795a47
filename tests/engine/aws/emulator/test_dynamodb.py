"""Where moto's DynamoDB is not AWS's: each test fails without the fix that it is for."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from botocore.exceptions import ClientError

from verification.engine.aws.emulator import EmbeddedAws

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def started(empty_aws: EmbeddedAws) -> Iterator[EmbeddedAws]:
    """The world with one table whose forks the tests use."""
    with empty_aws.fork() as world:
        world.client("dynamodb").create_table(
            TableName="items",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            SSESpecification={"Enabled": True},
        )
        yield world


@pytest.fixture
def world(started: EmbeddedAws) -> Iterator[EmbeddedAws]:
    """A world with one new table for each test."""
    with started.fork() as fork:
        yield fork


@pytest.fixture
def table(world: EmbeddedAws) -> Any:
    """The DynamoDB client of that world."""
    return world.client("dynamodb")


def code_of(call: Callable[[], object]) -> str:
    """Return the error code that boto3 sees when the call fails."""
    with pytest.raises(ClientError) as caught:
        call()
    code: str = caught.value.response["Error"]["Code"]
    return code


def test_encryption_key_can_be_changed(world: EmbeddedAws, table: Any) -> None:
    """A table's encryption key changes to the one named, and back to the one AWS manages."""
    managed = table.describe_table(TableName="items")["Table"]["SSEDescription"]
    key = world.client("kms").create_key()["KeyMetadata"]["Arn"]
    for asked, expected in ((key, key), (None, managed["KMSMasterKeyArn"])):
        named = {"KMSMasterKeyId": asked} if asked else {}
        table.update_table(TableName="items", SSESpecification={"Enabled": True} | named)
        found = table.describe_table(TableName="items")["Table"]["SSEDescription"]
        assert found["KMSMasterKeyArn"] == expected


def test_ttl_of_missing_table(table: Any) -> None:
    """Asking for the TTL of a table that does not exist is what it is for every other call."""
    found = code_of(lambda: table.describe_time_to_live(TableName="none"))
    set_ttl = {"Enabled": True, "AttributeName": "at"}
    changed = code_of(
        lambda: table.update_time_to_live(TableName="none", TimeToLiveSpecification=set_ttl)
    )
    assert [found, changed] == ["ResourceNotFoundException"] * 2


def test_ttl_cannot_be_set_to_what_it_is(table: Any) -> None:
    """An active TTL is neither enabled again nor moved, an inactive one not disabled."""

    def ttl(attribute: str, enabled: bool) -> object:
        wanted = {"Enabled": enabled, "AttributeName": attribute}
        return table.update_time_to_live(TableName="items", TimeToLiveSpecification=wanted)

    assert code_of(lambda: ttl("at", False)) == "ValidationException"
    ttl("at", True)
    assert code_of(lambda: ttl("at", True)) == "ValidationException"
    assert code_of(lambda: ttl("other", True)) == "ValidationException"
    ttl("at", False)


def test_batch_holds_25_writes(table: Any) -> None:
    """A batch of 25 writes is done, one of 26 is refused."""
    puts = [{"PutRequest": {"Item": {"id": {"S": str(number)}}}} for number in range(26)]
    table.batch_write_item(RequestItems={"items": puts[:25]})
    assert code_of(lambda: table.batch_write_item(RequestItems={"items": puts})) == (
        "ValidationException"
    )


def test_transaction_is_not_repeated(table: Any) -> None:
    """A transaction sent again with its token is done once; another one needs another token."""

    def add(amount: str, token: str) -> object:
        update = {
            "TableName": "items",
            "Key": {"id": {"S": "sum"}},
            "UpdateExpression": "ADD n :n",
            "ExpressionAttributeValues": {":n": {"N": amount}},
        }
        return table.transact_write_items(
            TransactItems=[{"Update": update}], ClientRequestToken=token
        )

    for token in ("first", "first", "second"):
        add("1", token)
    total = table.get_item(TableName="items", Key={"id": {"S": "sum"}})["Item"]["n"]["N"]
    assert total == "2"
    assert code_of(lambda: add("5", "first")) == "IdempotentParameterMismatchException"


def test_rollback_takes_back_only_its_own(table: Any) -> None:
    """Writes made while a transaction fails are kept: moto rolls back the whole table."""
    for start in range(0, 500, 25):
        keys = [{"id": {"S": f"ballast-{number}"}} for number in range(start, start + 25)]
        table.batch_write_item(RequestItems={"items": [{"PutRequest": {"Item": k}} for k in keys]})
    check = {"TableName": "items", "Key": {"id": {"S": "none"}}}
    demand = {"ConditionCheck": check | {"ConditionExpression": "attribute_exists(id)"}}
    written = Event()

    def fail() -> set[str]:
        codes = set()
        while not written.is_set():
            codes.add(code_of(lambda: table.transact_write_items(TransactItems=[demand])))
        return codes

    with ThreadPoolExecutor(1) as pool:
        failing = pool.submit(fail)
        for number in range(100):
            table.put_item(TableName="items", Item={"id": {"S": f"kept-{number}"}})
        written.set()
    assert failing.result() == {"TransactionCanceledException"}
    assert table.scan(TableName="items", Select="COUNT")["Count"] == 600


def test_maximum_throughput_is_kept(table: Any) -> None:
    """Of a table and of its index, from creation on, until each is changed or removed."""

    def maxima() -> list[dict[str, int]]:
        found = table.describe_table(TableName="limited")["Table"]
        parts = (found, *found["GlobalSecondaryIndexes"])
        return [part.get("OnDemandThroughput", {}) for part in parts]

    few, many = ({"MaxReadRequestUnits": units, "MaxWriteRequestUnits": 5} for units in (5, 50))
    table.create_table(
        TableName="limited",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        OnDemandThroughput=few,
        GlobalSecondaryIndexes=[
            {
                "IndexName": "same",
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
                "OnDemandThroughput": few,
            }
        ],
    )
    assert maxima() == [few, few]
    update = {"Update": {"IndexName": "same", "OnDemandThroughput": many}}
    table.update_table(TableName="limited", GlobalSecondaryIndexUpdates=[update])
    assert maxima() == [few, many]
    answer = table.update_table(TableName="limited", OnDemandThroughput={"MaxReadRequestUnits": -1})
    assert answer["TableDescription"]["OnDemandThroughput"] == {"MaxWriteRequestUnits": 5}
    assert maxima() == [{"MaxWriteRequestUnits": 5}, many]
