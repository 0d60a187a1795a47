"""The store for production: two DynamoDB tables, one call per operation (click and file: two).

Actions used: users table GetItem, UpdateItem; urls table GetItem, PutItem, UpdateItem, DeleteItem;
its index `user-index` Query. Reads of single items are strongly consistent; the list of links, read
from the index, is eventually consistent.

If the answer of a call is lost, the SDK repeats the call, and DynamoDB carries it out again. So
each write detects its own first attempt by the item that the failed condition returns (one call, no
additional write unit): a trial and a link by their `write_id`, a click by `last_click`, a deletion
by the missing item. The answer and the effect are the same as of one call; but a click is counted
once more for each lost answer if another click of the same link was written between the two
attempts.

`db_adapter` is the store of this process, created from the environment on first use.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from backend.aws import LazyClient
from backend.config import ConfigError, DynamoSettings, load_config
from backend.dynamodb_calls import ConditionFailed, call, is_own_write
from backend.dynamodb_files import FileClaims
from backend.dynamodb_items import (
    Item,
    link_from_item,
    link_to_item,
    user_from_item,
)
from backend.quota import FileClaim, Quota
from backend.store import (
    CodeTaken,
    Link,
    LinkExpired,
    LinkHasFile,
    LinkNotFound,
    LinkPage,
    StoreUnavailable,
    TrialAlreadyUsed,
    User,
)
from backend.times import to_text

USER_INDEX = "user-index"
_SENTINEL = "readiness-check"
T = TypeVar("T")


class DynamoStore:
    """A Store in the tables of `settings`. `attempts` is the maximum number per call."""

    def __init__(self, settings: DynamoSettings, attempts: int = 4) -> None:
        self._users = settings.users_table
        self._urls = settings.urls_table
        place = (settings.region, settings.endpoint_url)
        self._client = LazyClient("dynamodb", *place, attempts=attempts)
        # No retries in health checks, so that they answer within their timeout.
        self._probe = LazyClient("dynamodb", *place, attempts=1)
        self._claims = FileClaims(self._client, settings)

    def get_user(self, user_id: str) -> User | None:
        """See Store.get_user: one GetItem."""
        item = call(
            self._client,
            "get_item",
            TableName=self._users,
            Key={"user_id": {"S": user_id}},
            ConsistentRead=True,
        ).get("Item")
        return None if item is None else _parsed(user_from_item, item)

    def start_trial(
        self, user_id: str, email: str | None, started_at: datetime, expires_at: datetime
    ) -> User:
        """See Store.start_trial: one conditional UpdateItem."""
        write_id = uuid.uuid4().hex
        try:
            answer = call(
                self._client,
                "update_item",
                TableName=self._users,
                Key={"user_id": {"S": user_id}},
                ConditionExpression="attribute_not_exists(trial_started_at)",
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **_trial_update(email, started_at, expires_at, write_id),
            )
        except ConditionFailed as refusal:
            user = _parsed(user_from_item, refusal.item or {})
            if is_own_write(refusal, write_id):
                return user
            raise TrialAlreadyUsed(user) from refusal
        return _parsed(user_from_item, answer["Attributes"])

    def add_link(self, link: Link) -> None:
        """See Store.add_link: one conditional PutItem."""
        write_id = uuid.uuid4().hex
        try:
            call(
                self._client,
                "put_item",
                TableName=self._urls,
                Item=link_to_item(link) | {"write_id": {"S": write_id}},
                ConditionExpression="attribute_not_exists(short_code)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ConditionFailed as refusal:
            if not is_own_write(refusal, write_id):
                raise CodeTaken(link.short_code) from refusal

    def get_link(self, short_code: str, now: datetime) -> Link:
        """See Store.get_link: one GetItem."""
        item = call(
            self._client,
            "get_item",
            TableName=self._urls,
            Key={"short_code": {"S": short_code}},
            ConsistentRead=True,
        ).get("Item")
        if item is None:
            raise LinkNotFound(short_code)
        link = _parsed(link_from_item, item)
        if link.is_over(now):
            raise LinkExpired(short_code)
        return link

    def follow_link(self, short_code: str, now: datetime) -> Link:
        """See Store.follow_link: one GetItem, and for a link one conditional UpdateItem.

        A write costs five times a read, also if its condition fails, and anybody can ask for codes
        that do not exist. The read is strongly consistent, so that a new link works at once. If the
        link ended between the two, the failed condition is 404 or 410.
        """
        self.get_link(short_code, now)
        click_id = uuid.uuid4().hex
        try:
            answer = call(
                self._client,
                "update_item",
                TableName=self._urls,
                Key={"short_code": {"S": short_code}},
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **_click_update(now, click_id),
            )
        except ConditionFailed as refusal:
            if is_own_write(refusal, click_id, "last_click"):
                return _parsed(link_from_item, refusal.item or {})
            raise (LinkExpired if refusal.item else LinkNotFound)(short_code) from refusal
        return _parsed(link_from_item, answer["Attributes"])

    def list_links(self, user_id: str, limit: int, after: str | None) -> LinkPage:
        """See Store.list_links: one Query of the index, in the index's own order."""
        owner = {"S": user_id}
        start = {"short_code": {"S": after}, "created_by_user": owner} if after else None
        answer = call(
            self._client,
            "query",
            TableName=self._urls,
            IndexName=USER_INDEX,
            KeyConditionExpression="created_by_user = :user",
            ExpressionAttributeValues={":user": owner},
            Limit=limit,
            **({"ExclusiveStartKey": start} if start else {}),
        )
        links = tuple(_parsed(link_from_item, item) for item in answer["Items"])
        last = answer.get("LastEvaluatedKey")
        return LinkPage(links, last["short_code"]["S"] if last else None)

    def delete_link(self, user_id: str, short_code: str, file_key: str | None = None) -> None:
        """See Store.delete_link: one conditional DeleteItem.

        A repeated deletion that finds nothing is a success, also if earlier attempts were throttled
        and there never was such a link.
        """
        try:
            call(
                self._client,
                "delete_item",
                TableName=self._urls,
                Key={"short_code": {"S": short_code}},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **_deletion(user_id, file_key),
            )
        except ConditionFailed as refusal:
            if refusal.item is not None or not refusal.repeated:
                raise _undeleted(refusal.item or {}, user_id, short_code) from refusal

    def claim_file(self, user_id: str, claim: FileClaim, quota: Quota, now: datetime) -> None:
        """See Store.claim_file: one GetItem, and one conditional UpdateItem."""
        self._claims.add(user_id, claim, quota, now)

    def release_file(self, user_id: str, key: str) -> None:
        """See Store.release_file: one conditional UpdateItem."""
        self._claims.remove(user_id, key)

    def check(self) -> None:
        """See Store.check: one GetItem per table, of keys that do not exist, without retries."""
        for table, key in ((self._users, "user_id"), (self._urls, "short_code")):
            call(self._probe, "get_item", TableName=table, Key={key: {"S": _SENTINEL}})


def _trial_update(
    email: str | None, started_at: datetime, expires_at: datetime, write_id: str
) -> dict[str, Any]:
    """The update that starts a trial; without an email it keeps the stored one."""
    assignments = {
        "trial_started_at": {"S": to_text(started_at)},
        "trial_expires_at": {"S": to_text(expires_at)},
        "trial_used": {"BOOL": True},
        "updated_at": {"S": to_text(started_at)},
        "write_id": {"S": write_id},
    } | ({"email": {"S": email}} if email else {})
    sets = [f"{name} = :{name}" for name in assignments]
    sets.append("created_at = if_not_exists(created_at, :updated_at)")
    return {
        "UpdateExpression": "SET " + ", ".join(sets),
        "ExpressionAttributeValues": {f":{name}": value for name, value in assignments.items()},
    }


def _click_update(now: datetime, click_id: str) -> dict[str, Any]:
    """The update that counts a click, unless it was the last click counted, or the link expired."""
    return {
        "UpdateExpression": "SET updated_at = :text, last_click = :id ADD clicks :one",
        "ConditionExpression": "attribute_exists(short_code)"
        " AND (attribute_not_exists(expires_at_ttl) OR expires_at_ttl > :seconds)"
        " AND (attribute_not_exists(last_click) OR last_click <> :id)",
        "ExpressionAttributeValues": {
            ":text": {"S": to_text(now)},
            ":id": {"S": click_id},
            ":one": {"N": "1"},
            ":seconds": {"N": str(int(now.timestamp()))},
        },
    }


def _deletion(user_id: str, file_key: str | None) -> dict[str, Any]:
    """The condition of a deletion: the user's own link, to exactly this file or to none."""
    values = {":user": {"S": user_id}} | ({":file": {"S": file_key}} if file_key else {})
    file = "file_key = :file" if file_key else "attribute_not_exists(file_key)"
    return {
        "ConditionExpression": f"created_by_user = :user AND {file}",
        "ExpressionAttributeValues": values,
    }


def _undeleted(item: Item, user_id: str, short_code: str) -> LinkNotFound | LinkHasFile:
    """Why the link in `item` was not deleted."""
    file_key = item.get("file_key", {}).get("S")
    if file_key and item.get("created_by_user") == {"S": user_id}:
        return LinkHasFile(file_key)
    return LinkNotFound(short_code)


def _parsed(parse: Callable[[Item], T], item: Item) -> T:
    try:
        return parse(item)
    except (KeyError, ValueError) as error:
        raise StoreUnavailable(f"an item could not be parsed: {error!r}") from error


@functools.cache
def _adapter() -> DynamoStore:
    settings = load_config().dynamodb
    if settings is None:
        raise ConfigError("USE_DYNAMODB is not true, so there is no DynamoDB adapter")
    return DynamoStore(settings)


def __getattr__(name: str) -> DynamoStore:
    if name == "db_adapter":
        return _adapter()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
