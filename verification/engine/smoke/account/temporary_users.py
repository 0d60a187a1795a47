"""The run's users in a pool with other users: created for the run, removed with their data."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from verification.engine.errors import ToolError
from verification.engine.smoke.users import User, create_user, user_id

PREFIX = "smoke-"
"""The prefix of the email addresses of all users of runs."""
# Seconds until a table's index has recent writes.
_INDEX_DELAY = 1.0
_REFUSED = (BotoCoreError, ClientError)


class Guests:
    """Users of a run; their addresses are recorded before they are created.

    Args:
        client: creates a boto3 client by service name.
        outputs: Terraform's outputs.
        folders: the prefixes of users' prefixes in the bucket.
    """

    def __init__(
        self,
        client: Callable[[str], Any],
        outputs: Mapping[str, Any],
        folders: Sequence[str] = ("uploads/",),
    ) -> None:
        self._client, self._outputs, self._folders = client, outputs, folders
        self._run = f"{PREFIX}{datetime.now(UTC):%Y%m%d%H%M%S}-{secrets.token_hex(3)}"
        self._known: dict[str, str] = {}
        self._leaving = False
        # Held while a user is created or removed, so that none is missed at the end.
        self._guard = Lock()

    def invite(self, name: str) -> User:
        """Create a user.

        Raises:
            ToolError: the run is ending.
        """
        email = f"{self._run}-{name}-{secrets.token_hex(4)}@example.com"
        with self._guard:
            if self._leaving:
                raise ToolError("no user was created, because the run is ending.")
            self._known[email] = ""
            user = create_user(self._client("cognito-idp"), self._pool, email)
            self._known[email] = user.id
        return user

    def dismiss(self) -> list[str]:
        """Remove every user and their data; returns what could not be removed, by name."""
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
        """The same, and create no users from now on."""
        self._leaving = True
        return self.dismiss()

    @property
    def _pool(self) -> str:
        return str(self._outputs["user_pool_id"])

    def _remove(self, email: str, ident: str) -> None:
        cognito = self._client("cognito-idp")
        with suppress(cognito.exceptions.UserNotFoundException):
            if not ident:  # Its creation was interrupted.
                told = cognito.admin_get_user(UserPoolId=self._pool, Username=email)
                ident = user_id(told["UserAttributes"])
            self._remove_items(ident)
            # Last, so that the user identifies the owner of remaining data.
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
        """Remove every version of every file, because the bucket is versioned."""
        s3, bucket = self._client("s3"), self._outputs["uploads_bucket_name"]
        versions = s3.get_paginator("list_object_versions")
        for folder in self._folders:
            for page in versions.paginate(Bucket=bucket, Prefix=f"{folder}{ident}/"):
                for one in [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]:
                    s3.delete_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])
