"""A write whose answer was lost is repeated by the SDK: same answer, same effect, once."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backend.config import DynamoSettings
from backend.dynamodb_adapter import DynamoStore
from backend.dynamodb_files import claims_from_item
from backend.quota import FileClaim, Quota
from backend.store import (
    CodeTaken,
    Link,
    LinkExpired,
    LinkHasFile,
    LinkNotFound,
    QuotaExceeded,
    TrialAlreadyUsed,
)
from tests.backend.conftest import Moto
from tests.backend.kit import START, dynamodb_client

MONTH = timedelta(days=30)
LINK = Link("code-1", "user-1", START, START, target="https://example.com/")
FILE = replace(LINK, target=None, file_key="uploads/user-1/x", filename="x.pdf")


@pytest.fixture(name="dynamo")
def _dynamo(dynamodb: DynamoSettings) -> DynamoStore:
    """The store, with the SDK's own retries."""
    return DynamoStore(dynamodb)


def claim(name: str) -> FileClaim:
    """What a file takes for a month."""
    return FileClaim(f"uploads/30-days/user-1/{name}", 1, START + MONTH)


def clicks(store: DynamoStore) -> int:
    """What the link's owner is told."""
    return store.list_links("user-1", 10, None).links[0].clicks


def test_a_trial_is_started_once(dynamo: DynamoStore, moto: Moto) -> None:
    """The user hears of the start, and of no trial that was used before."""
    moto.lose = 1
    started = dynamo.start_trial("user-1", "a@example.com", START, START + MONTH)
    assert moto.lose == 0
    assert dynamo.get_user("user-1") == started
    with pytest.raises(TrialAlreadyUsed):
        dynamo.start_trial("user-1", None, START, START + MONTH)


@pytest.mark.parametrize("link", [LINK, FILE], ids=["target", "file"])
def test_a_link_is_added_once(dynamo: DynamoStore, moto: Moto, link: Link) -> None:
    """The code is the user's own, not taken; another user's wish for it is refused all the same."""
    moto.lose = 1
    dynamo.add_link(link)
    assert moto.lose == 0
    assert dynamo.list_links("user-1", 10, None).links == (link,)
    moto.lose = 1
    with pytest.raises(CodeTaken):
        dynamo.add_link(replace(link, created_by_user="user-2"))


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_a_click_is_counted_once(dynamo: DynamoStore, moto: Moto, lost: int) -> None:
    """However many answers are lost, a lone click leads to the target and is counted once."""
    dynamo.add_link(LINK)
    dynamo.follow_link("code-1", START)
    moto.lose = lost
    later = START + timedelta(seconds=5)
    assert dynamo.follow_link("code-1", later) == replace(LINK, clicks=2, updated_at=later)
    assert moto.lose == 0
    assert clicks(dynamo) == 2


def test_a_click_before_the_expiry_is_a_click(dynamo: DynamoStore, moto: Moto) -> None:
    """A link that is over, or unknown, is so too when it is asked again."""
    dynamo.add_link(replace(LINK, expires_at=START.replace(microsecond=0)))
    for code, error in (("code-1", LinkExpired), ("unknown", LinkNotFound)):
        moto.lose, moto.of = 1, ("GetItem",)
        with pytest.raises(error):
            dynamo.follow_link(code, START)
        assert moto.lose == 0


class Overtaken:
    """A client whose first update is carried out, overtaken by another one, and then repeated."""

    def __init__(self, client: Any, other: Any) -> None:
        self._client, self._other = client, other
        self.get_item = client.get_item

    def update_item(self, **parameters: Any) -> Any:
        """The answer to the repeated attempt."""
        self._client.update_item(**parameters)
        self._other()
        return self._client.update_item(**parameters)

    def __getattr__(self, operation: str) -> Any:
        return getattr(self._client, operation)


def test_an_overtaken_click_is_counted_once_more(
    dynamo: DynamoStore, dynamodb: DynamoSettings
) -> None:
    """The documented bound: two clicks, one of them repeated after the other, are three at most."""
    dynamo.add_link(LINK)
    slow = DynamoStore(dynamodb)
    slow._client._client = Overtaken(
        dynamodb_client(dynamodb), lambda: dynamo.follow_link("code-1", START)
    )
    assert slow.follow_link("code-1", START).target == LINK.target
    assert clicks(dynamo) == 3


def test_clicks_at_once_keep_their_bound(dynamo: DynamoStore, moto: Moto) -> None:
    """Of 20 clicks at once 3 answers are lost: none is missing, and 3 at most are counted twice."""
    dynamo.add_link(LINK)
    moto.lose = 3
    threads = [
        threading.Thread(target=dynamo.follow_link, args=("code-1", START)) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert moto.lose == 0
    assert 20 <= clicks(dynamo) <= 23


def test_a_link_is_deleted_once(dynamo: DynamoStore, moto: Moto) -> None:
    """Its owner hears that it is gone; who deletes it again hears that there is none."""
    dynamo.add_link(LINK)
    moto.lose = 1
    dynamo.delete_link("user-1", "code-1")
    assert moto.lose == 0
    with pytest.raises(LinkNotFound):
        dynamo.delete_link("user-1", "code-1")


def test_a_repeated_deletion_deletes_nothing_of_others(dynamo: DynamoStore, moto: Moto) -> None:
    """Another user's link is not found, and stays, however often the SDK asks."""
    dynamo.add_link(LINK)
    moto.lose = 1
    with pytest.raises(LinkNotFound):
        dynamo.delete_link("user-2", "code-1")
    assert moto.lose == 0
    assert dynamo.get_link("code-1", START) == LINK


@pytest.mark.parametrize("others", [0, 1], ids=["alone", "overtaken"])
def test_a_file_is_counted_once(dynamo: DynamoStore, dynamodb: DynamoSettings, others: int) -> None:
    """A repeated claim takes one place, also if another file took one between the attempts."""
    quota, slow = Quota(1 + others, 9), DynamoStore(dynamodb)

    def overtake() -> None:
        for _ in range(others):
            dynamo.claim_file("user-1", claim("other"), quota, START)

    slow._client._client = Overtaken(dynamodb_client(dynamodb), overtake)
    slow.claim_file("user-1", claim("mine"), quota, START)
    key = {"user_id": {"S": "user-1"}}
    item = dynamodb_client(dynamodb).get_item(TableName=dynamodb.users_table, Key=key)["Item"]
    found = {one.key for one in claims_from_item(item)}
    assert found == {"mine", *["other"] * others}


def test_a_file_is_released_once(dynamo: DynamoStore, moto: Moto) -> None:
    """Its place is free although the answer was lost, and no other one."""
    for name in ("one", "two"):
        dynamo.claim_file("user-1", claim(name), Quota(2, 9), START)
    moto.lose = 1
    dynamo.release_file("user-1", claim("one").key)
    assert moto.lose == 0
    dynamo.claim_file("user-1", claim("three"), Quota(2, 9), START)
    with pytest.raises(QuotaExceeded):
        dynamo.claim_file("user-1", claim("four"), Quota(2, 9), START)


def test_a_files_link_is_deleted_once(dynamo: DynamoStore, moto: Moto) -> None:
    """The file's own link is gone after a lost answer; without the file's name nothing is."""
    dynamo.add_link(FILE)
    moto.lose = 1
    with pytest.raises(LinkHasFile):
        dynamo.delete_link("user-1", "code-1")
    moto.lose = 1
    dynamo.delete_link("user-1", "code-1", FILE.file_key)
    assert moto.lose == 0
    with pytest.raises(LinkNotFound):
        dynamo.get_link("code-1", START)
