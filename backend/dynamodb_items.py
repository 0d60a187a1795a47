"""Users and links as DynamoDB items, in the typed format of the low-level client.

Missing attributes are absent, never NULL or empty, because keys of an index must not be either.
`BOOKKEEPING` attributes are not part of the domain; they identify repeated writes, and the files of
a user's quota (`dynamodb_files`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from backend.store import Link, User
from backend.times import from_text, optional_instant, optional_text, to_text

Item = dict[str, dict[str, Any]]

BOOKKEEPING = frozenset({"write_id", "last_click", "file_claims", "file_claims_id"})
"""Attributes with the id of the write that made an item, of the last click counted, and the files
that count against the quota, with the id of their last write."""


def user_to_item(user: User) -> Item:
    """The item of `user`; `trial_used` is written for readers of the table, and not read here."""
    item = _texts(
        user_id=user.user_id,
        email=user.email or None,
        trial_started_at=optional_text(user.trial_started_at),
        trial_expires_at=optional_text(user.trial_expires_at),
        created_at=to_text(user.created_at),
        updated_at=to_text(user.updated_at),
    )
    item["trial_used"] = {"BOOL": user.trial_started_at is not None}
    return item


def user_from_item(item: Item) -> User:
    """The user in `item`. Raises KeyError or ValueError for invalid items."""
    return User(
        user_id=item["user_id"]["S"],
        email=_text(item, "email"),
        trial_started_at=optional_instant(_text(item, "trial_started_at")),
        trial_expires_at=optional_instant(_text(item, "trial_expires_at")),
        created_at=from_text(item["created_at"]["S"]),
        updated_at=from_text(item["updated_at"]["S"]),
    )


def link_to_item(link: Link) -> Item:
    """The item of `link`; `expires_at_ttl` is in epoch seconds, as TTL requires."""
    item = _texts(
        short_code=link.short_code,
        created_by_user=link.created_by_user,
        target=link.target,
        file_key=link.file_key,
        filename=link.filename,
        created_at=to_text(link.created_at),
        updated_at=to_text(link.updated_at),
    )
    item["clicks"] = {"N": str(link.clicks)}
    if link.expires_at is not None:
        item["expires_at_ttl"] = {"N": str(int(link.expires_at.timestamp()))}
    return item


def link_from_item(item: Item) -> Link:
    """The link in `item`. Raises KeyError or ValueError for invalid items."""
    seconds = item.get("expires_at_ttl", {}).get("N")
    return Link(
        short_code=item["short_code"]["S"],
        created_by_user=item["created_by_user"]["S"],
        created_at=from_text(item["created_at"]["S"]),
        updated_at=from_text(item["updated_at"]["S"]),
        target=_text(item, "target"),
        file_key=_text(item, "file_key"),
        filename=_text(item, "filename"),
        expires_at=None if seconds is None else datetime.fromtimestamp(int(seconds), UTC),
        clicks=int(item["clicks"]["N"]),
    )


def _texts(**attributes: str | None) -> Item:
    return {name: {"S": value} for name, value in attributes.items() if value is not None}


def _text(item: Item, name: str) -> str | None:
    return item.get(name, {}).get("S")
