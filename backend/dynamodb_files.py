"""The files that count against each user's quota, in the users' items.

`file_claims` has the size and the expiry of each file, by the last part of its key: 6 KB for 100
files. Every write replaces `file_claims_id`, and is made only if nobody replaced it in between, so
simultaneous writes of a user are one after another. A repeated write finds its file.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from backend.aws import LazyClient
from backend.config import DynamoSettings
from backend.dynamodb_calls import ConditionFailed, call
from backend.dynamodb_items import Item
from backend.quota import FileClaim, Quota
from backend.store import QuotaExceeded, StoreUnavailable
from backend.times import to_text

_ATTEMPTS = 10


class FileClaims:
    """The claims in the users table of `settings`."""

    def __init__(self, client: LazyClient, settings: DynamoSettings) -> None:
        self._client = client
        self._users = settings.users_table

    def add(self, user_id: str, claim: FileClaim, quota: Quota, now: datetime) -> None:
        """See Store.claim_file. Removes expired claims.

        Raises StoreUnavailable if other writes of the user are always faster.
        """
        key = {"user_id": {"S": user_id}}
        item = call(
            self._client, "get_item", TableName=self._users, Key=key, ConsistentRead=True
        ).get("Item", {})
        for _ in range(_ATTEMPTS):
            claims = [one for one in claims_from_item(item) if one.expires_at > now]
            if _name(claim.key) in [one.key for one in claims]:
                return
            if text := quota.refusal(claims, claim):
                raise QuotaExceeded(text)
            try:
                call(
                    self._client,
                    "update_item",
                    TableName=self._users,
                    Key=key,
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **_update([*claims, claim], item, now),
                )
                return
            except ConditionFailed as refusal:
                item = refusal.item or {}
        raise StoreUnavailable(f"{_ATTEMPTS} claims of a file were overtaken by others")

    def remove(self, user_id: str, key: str) -> None:
        """See Store.release_file."""
        # If the condition fails it does not count, perhaps since the first attempt of this call.
        with suppress(ConditionFailed):
            call(
                self._client,
                "update_item",
                TableName=self._users,
                Key={"user_id": {"S": user_id}},
                UpdateExpression="SET file_claims_id = :id REMOVE file_claims.#file",
                ConditionExpression="attribute_exists(file_claims.#file)",
                ExpressionAttributeNames={"#file": _name(key)},
                ExpressionAttributeValues={":id": {"S": uuid.uuid4().hex}},
            )


def claims_from_item(item: Item) -> list[FileClaim]:
    """The claims in a user's item, also those that have expired; `key` is the key's last part.

    Raises StoreUnavailable for an invalid item.
    """
    try:
        return [
            FileClaim(
                name,
                int(claim["M"]["size"]["N"]),
                datetime.fromtimestamp(int(claim["M"]["expires_at"]["N"]), UTC),
            )
            for name, claim in item.get("file_claims", {"M": {}})["M"].items()
        ]
    except (KeyError, ValueError) as error:
        raise StoreUnavailable(f"an item could not be parsed: {error!r}") from error


def _update(claims: Collection[FileClaim], before: Item, now: datetime) -> dict[str, Any]:
    """The write of all claims over those in the item `before`, which may be new."""
    known = before.get("file_claims_id")
    values = {
        ":claims": {"M": {_name(claim.key): _as_map(claim) for claim in claims}},
        ":id": {"S": uuid.uuid4().hex},
        ":now": {"S": to_text(now)},
    }
    return {
        "UpdateExpression": "SET file_claims = :claims, file_claims_id = :id,"
        " created_at = if_not_exists(created_at, :now),"
        " updated_at = if_not_exists(updated_at, :now)",
        "ConditionExpression": "file_claims_id = :known"
        if known
        else "attribute_not_exists(file_claims_id)",
        "ExpressionAttributeValues": values | ({":known": known} if known else {}),
    }


def _as_map(claim: FileClaim) -> dict[str, Any]:
    expires_at = int(claim.expires_at.timestamp())
    return {"M": {"size": {"N": str(claim.size)}, "expires_at": {"N": str(expires_at)}}}


def _name(key: str) -> str:
    return key.rpartition("/")[2]
