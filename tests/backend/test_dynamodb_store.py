"""What only the DynamoDB store promises: its calls, its attributes, and how it fails."""

from __future__ import annotations

import socket
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backend import aws, dynamodb_adapter
from backend.config import ConfigError, DynamoSettings
from backend.dynamodb_adapter import DynamoStore
from backend.quota import FileClaim, Quota
from backend.store import Link, LinkExpired, LinkNotFound, StoreUnavailable
from tests.backend.kit import START, dynamodb_client

MONTH = timedelta(days=30)
LINK = Link("code-1", "user-1", START, START, target="https://example.com/")


class Recorder:
    """A client that remembers which operations were called."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.calls: list[str] = []
        self.parameters: dict[str, Any] = {}

    def __getattr__(self, operation: str) -> Any:
        self.calls.append(operation)

        def remember(**parameters: Any) -> Any:
            self.parameters = parameters
            return getattr(self._client, operation)(**parameters)

        return remember


class Ending:
    """A client that deletes the link, or lets it expire, once it was read."""

    def __init__(self, client: Any, table: str, ended: str) -> None:
        self._client, self._table, self._ended = client, table, ended

    def get_item(self, **parameters: Any) -> Any:
        """Read the link, then end it."""
        answer = self._client.get_item(**parameters)
        where = {"TableName": self._table, "Key": parameters["Key"]}
        if self._ended == "deleted":
            self._client.delete_item(**where)
        else:
            over = {":over": {"N": str(int(START.timestamp()) - 1)}}
            update = "SET expires_at_ttl = :over"
            self._client.update_item(
                **where, UpdateExpression=update, ExpressionAttributeValues=over
            )
        return answer

    def __getattr__(self, operation: str) -> Any:
        return getattr(self._client, operation)


def store_over(settings: DynamoSettings, client: Any) -> DynamoStore:
    """A store that uses `client`."""
    store = DynamoStore(settings)
    store._client._client = store._probe._client = client
    return store


def test_every_verb_costs_its_calls(dynamodb: DynamoSettings) -> None:
    """Each thing a user does costs one DynamoDB call; a click, and counting a file, cost two."""
    recorder = Recorder(dynamodb_client(dynamodb))
    store = store_over(dynamodb, recorder)
    store.get_user("user-1")
    store.start_trial("user-1", None, START, START + MONTH)
    store.add_link(LINK)
    store.get_link("code-1", START)
    store.follow_link("code-1", START)
    store.list_links("user-1", 10, None)
    store.delete_link("user-1", "code-1")
    store.claim_file("user-1", FileClaim("a/b", 1, START + MONTH), Quota(1, 1), START)
    store.release_file("user-1", "a/b")
    expected = ["get_item", "update_item", "put_item", "get_item", "get_item", "update_item"]
    counting = ["get_item", "update_item", "update_item"]
    assert recorder.calls == [*expected, "query", "delete_item", *counting]


@pytest.mark.parametrize(
    ("code", "error"), [("code-2", LinkNotFound), ("code-1", LinkExpired)], ids=["unknown", "over"]
)
def test_a_click_on_nothing_costs_one_read(
    dynamodb: DynamoSettings, code: str, error: type[Exception]
) -> None:
    """A write costs five times a read, and anybody can ask for codes that do not exist."""
    recorder = Recorder(dynamodb_client(dynamodb))
    store = store_over(dynamodb, recorder)
    store.add_link(replace(LINK, expires_at=START.replace(microsecond=0)))
    recorder.calls.clear()
    with pytest.raises(error):
        store.follow_link(code, START)
    assert recorder.calls == ["get_item"]
    assert recorder.parameters["ConsistentRead"] is True


@pytest.mark.parametrize("ended", ["deleted", "expired"])
def test_a_link_that_ends_between_read_and_write_counts_no_click(
    dynamodb: DynamoSettings, ended: str
) -> None:
    """The write has a condition of its own, so that the read decides nothing alone."""
    client = dynamodb_client(dynamodb)
    store = store_over(dynamodb, Ending(client, dynamodb.urls_table, ended))
    store.add_link(LINK)
    with pytest.raises(LinkNotFound if ended == "deleted" else LinkExpired):
        store.follow_link("code-1", START)
    key = {"short_code": {"S": "code-1"}}
    left = client.get_item(TableName=dynamodb.urls_table, Key=key).get("Item", {})
    assert left.get("clicks", {"N": "0"}) == {"N": "0"}


def test_single_items_are_read_consistently(dynamodb: DynamoSettings) -> None:
    """Nobody is offered the trial again right after starting it, and a new link is found."""
    recorder = Recorder(dynamodb_client(dynamodb))
    store = store_over(dynamodb, recorder)
    store.add_link(LINK)
    for read in (lambda: store.get_user("user-1"), lambda: store.get_link("code-1", START)):
        read()
        assert recorder.parameters["ConsistentRead"] is True


def test_items_carry_what_ttl_and_indexes_need(dynamodb: DynamoSettings) -> None:
    """The expiry is a number of epoch seconds; a missing email leaves no attribute behind."""
    store = DynamoStore(dynamodb)
    store.add_link(replace(LINK, expires_at=START.replace(microsecond=0)))
    store.start_trial("user-1", None, START, START + MONTH)
    client = dynamodb_client(dynamodb)
    link = client.get_item(TableName=dynamodb.urls_table, Key={"short_code": {"S": "code-1"}})
    user = client.get_item(TableName=dynamodb.users_table, Key={"user_id": {"S": "user-1"}})
    assert link["Item"]["expires_at_ttl"] == {"N": str(int(START.timestamp()))}
    assert "email" not in user["Item"]
    assert user["Item"]["trial_used"] == {"BOOL": True}


def test_a_dead_address_is_reported_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing listening, the check fails and pauses for less than 3 s in all."""
    store = DynamoStore(DynamoSettings("us-east-1", "users", "urls", "http://127.0.0.1:9"))
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    with pytest.raises(StoreUnavailable):
        store.check()
    assert sum(pauses) < 3


def test_a_silent_address_is_reported_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that takes connections and never answers is unavailable, too."""
    monkeypatch.setattr(aws, "READ_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        store = DynamoStore(DynamoSettings("us-east-1", "users", "urls", url), attempts=2)
        with pytest.raises(StoreUnavailable, match="ReadTimeoutError"):
            store.get_user("user-1")


@pytest.mark.parametrize("missing", ["users_table", "urls_table"])
def test_a_missing_table_fails_the_check(dynamodb: DynamoSettings, missing: str) -> None:
    """Either table missing is enough to be not ready."""
    with pytest.raises(StoreUnavailable, match="ResourceNotFoundException"):
        DynamoStore(replace(dynamodb, **{missing: "no-such-table"})).check()


def test_missing_credentials_are_not_remembered(
    dynamodb: DynamoSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task whose role cannot be read yet works as soon as it can."""
    store = DynamoStore(dynamodb)
    with monkeypatch.context() as context:
        context.delenv("AWS_ACCESS_KEY_ID")
        with pytest.raises(StoreUnavailable, match="credentials"):
            store.check()
    store.check()


def test_clients_share_credentials_and_models(dynamodb: DynamoSettings) -> None:
    """A process asks for its role's credentials once, whatever it talks to."""
    place = (dynamodb.region, dynamodb.endpoint_url)
    made = [aws.LazyClient(name, *place).get() for name in ("dynamodb", "dynamodb", "s3")]
    credentials = {id(client._request_signer._credentials) for client in made}
    assert (len(credentials), len({id(client) for client in made})) == (1, 3)


def test_an_item_of_another_shape_is_unavailable_not_a_crash(dynamodb: DynamoSettings) -> None:
    """An item that this code never wrote is reported as such."""
    claims = {"M": {"b": {"M": {"size": {"N": "1"}}}}}
    item = {"user_id": {"S": "user-1"}, "created_at": {"S": "yesterday"}, "file_claims": claims}
    dynamodb_client(dynamodb).put_item(TableName=dynamodb.users_table, Item=item)
    store = DynamoStore(dynamodb)
    with pytest.raises(StoreUnavailable, match="could not be parsed"):
        store.get_user("user-1")
    with pytest.raises(StoreUnavailable, match="could not be parsed"):
        store.claim_file("user-1", FileClaim("a/c", 1, START), Quota(9, 9), START)


def test_the_adapter_is_made_when_asked_for(
    dynamodb: DynamoSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Importing db_adapter reads the environment then, and without DynamoDB it is an error."""
    dynamodb_adapter._adapter.cache_clear()
    for name in ("AWS_REGION", "COGNITO_USER_POOL_ID", "COGNITO_CLIENT_ID", "UPLOADS_BUCKET_NAME"):
        monkeypatch.setenv(name, "us-east-1")
    monkeypatch.setenv("DYNAMODB_USERS_TABLE_NAME", dynamodb.users_table)
    monkeypatch.setenv("DYNAMODB_URLS_TABLE_NAME", dynamodb.urls_table)
    monkeypatch.setenv("PUBLIC_URL", "https://share.example.com")
    monkeypatch.setenv("AWS_ENDPOINT_URL", dynamodb.endpoint_url or "")
    with pytest.raises(ConfigError):
        _ = dynamodb_adapter.db_adapter
    monkeypatch.setenv("USE_DYNAMODB", "true")
    dynamodb_adapter.db_adapter.check()
    dynamodb_adapter._adapter.cache_clear()
