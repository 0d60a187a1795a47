"""The run's own users in a pool that has others: made for it, removed with all that is theirs."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from verification.engine.errors import ToolError
from verification.engine.smoke.users import User, create_user, user_id

PREFIX = "smoke-"
"""What the address of every user of a run begins with."""
# Seconds until a table's index has what was just written.
_INDEX_DELAY = 1.0
_REFUSED = (BotoCoreError, ClientError)


class Guests:
    """Users that exist for a run, known by their addresses from before they are made.

    Args:
        client: makes a boto3 client of a service's name.
        outputs: Terraform's.
    """

    def __init__(self, client: Callable[[str], Any], outputs: Mapping[str, Any]) -> None:
        self._client, self._outputs = client, outputs
        self._run = f"{PREFIX}{datetime.now(UTC):%Y%m%d%H%M%S}-{secrets.token_hex(3)}"
        self._known: dict[str, str] = {}
        self._leaving = False
        # Held while one is made or removed: at the end of a run none may come into being unseen.
        self._guard = Lock()

    def invite(self, name: str) -> User:
        """Make a user.

        Raises:
            ToolError: the run is being stopped.
        """
        email = f"{self._run}-{name}-{secrets.token_hex(4)}@example.com"
        with self._guard:
            if self._leaving:
                raise ToolError("no user was made: the run is being stopped.")
            self._known[email] = ""
            user = create_user(self._client("cognito-idp"), self._pool, email)
            self._known[email] = user.id
        return user

    def dismiss(self) -> list[str]:
        """Remove every user and what is theirs; gives what could not be removed, by name."""
        left = []
        with self._guard:
            if self._known:
                time.sleep(_INDEX_DELAY)
            for email, ident in list(self._known.items()):
                try:
                    self._remove(email, ident)
                    del self._known[email]
                except _REFUSED as error:
                    left.append(f"user {email} of pool {self._pool}, or items of theirs: {error}")
        return left

    def leave(self) -> list[str]:
        """The same for good: no user is made from now on."""
        self._leaving = True
        return self.dismiss()

    @property
    def _pool(self) -> str:
        return str(self._outputs["user_pool_id"])

    def _remove(self, email: str, ident: str) -> None:
        cognito = self._client("cognito-idp")
        with suppress(cognito.exceptions.UserNotFoundException):
            if not ident:  # Its making was interrupted.
                told = cognito.admin_get_user(UserPoolId=self._pool, Username=email)
                ident = user_id(told["UserAttributes"])
            self._remove_items(ident)
            # Last: as long as something is left, the user tells whose it is.
            cognito.admin_delete_user(UserPoolId=self._pool, Username=email)

    def _remove_items(self, ident: str) -> None:
        self._remove_links(ident)
        self._client("dynamodb").delete_item(
            TableName=self._outputs["users_table_name"], Key={"user_id": {"S": ident}}
        )
        self._remove_uploads(ident)

    def _remove_links(self, ident: str) -> None:
        client, table = self._client("dynamodb"), self._outputs["urls_table_name"]
        pages = client.get_paginator("query").paginate(
            TableName=table,
            IndexName="user-index",
            KeyConditionExpression="created_by_user = :user",
            ExpressionAttributeValues={":user": {"S": ident}},
        )
        for item in [item for page in pages for item in page["Items"]]:
            client.delete_item(TableName=table, Key={"short_code": item["short_code"]})

    def _remove_uploads(self, ident: str) -> None:
        """Remove every version of every file: the bucket keeps what is deleted."""
        s3, bucket = self._client("s3"), self._outputs["uploads_bucket_name"]
        pages = s3.get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=bucket, Prefix=f"uploads/{ident}/"):
            for one in [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]:
                s3.delete_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])
