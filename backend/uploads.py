"""Files in the uploads bucket: presigned URLs for one upload and for downloads, and deletion.

Signing needs no call to AWS. The URLs need s3:PutObject and s3:GetObject of the task role on
`uploads/*` of the bucket, and the deletion s3:DeleteObject. (Amazon S3 User Guide, "Download and
upload objects with presigned URLs",
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html)

A file ends with its link: deleted before it, or expired by a lifecycle rule of the bucket. Rules go
by prefix, so a file's key begins with the shortest of LIFETIMES that is as long as its link's.
"""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from backend.aws import CALL_ERRORS, LazyClient, NoCredentials

MAX_BYTES = 100 * 1024 * 1024
# An upload must begin within this time; S3 checks no later.
UPLOAD_SECONDS = 60
DOWNLOAD_SECONDS = 300
# In days; terraform/modules/ecs-flask-backend/storage.tf has a lifecycle rule for each.
LIFETIMES = (1, 3, 7, 14, 30, 60, 90, 180, 365)
MAX_FILE_LIFETIME = timedelta(days=LIFETIMES[-1])
_CONTENT_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,100}")


class UploadsUnavailable(Exception):
    """S3 failed, no bucket is configured, or there are no credentials."""


class InvalidUpload(ValueError):
    """The upload is invalid; the text is for the user."""


class Uploads:
    """The files in `bucket`; None means that uploads are not configured."""

    def __init__(self, bucket: str | None, region: str, endpoint_url: str | None) -> None:
        self._bucket = bucket
        self._client = LazyClient("s3", region, endpoint_url)

    def upload(self, key: str, content_type: str, size: int) -> dict[str, Any]:
        """The request that sends exactly `size` bytes of `content_type`, once: repeated, it is 412.

        The headers are signed. Raises UploadsUnavailable. (Amazon S3 User Guide, "How to prevent
        object overwrites with conditional writes",
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html)
        """
        url = self._sign(
            "put_object",
            UPLOAD_SECONDS,
            Key=key,
            ContentType=content_type,
            ContentLength=size,
            IfNoneMatch="*",
        )
        headers = {"Content-Type": content_type, "If-None-Match": "*"}
        return {"method": "PUT", "url": url, "headers": headers, "expires_in": UPLOAD_SECONDS}

    def download_url(self, key: str, filename: str) -> str:
        """The URL to GET the file, always as a download. Raises UploadsUnavailable."""
        disposition = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
        return self._sign(
            "get_object", DOWNLOAD_SECONDS, Key=key, ResponseContentDisposition=disposition
        )

    def delete(self, key: str) -> None:
        """Delete the file; a missing one is no error. Raises UploadsUnavailable.

        The bucket keeps it as a noncurrent version, which its lifecycle ends after some days.
        """
        bucket = self._configured()
        try:
            self._client.get().delete_object(Bucket=bucket, Key=key)
        except (NoCredentials, *CALL_ERRORS) as error:
            raise UploadsUnavailable(f"S3 delete_object: {error}") from error

    def _sign(self, operation: str, seconds: int, **parameters: Any) -> str:
        bucket = self._configured()
        try:
            url: str = self._client.get().generate_presigned_url(
                operation, Params={"Bucket": bucket, **parameters}, ExpiresIn=seconds
            )
        except (NoCredentials, *CALL_ERRORS) as error:
            raise UploadsUnavailable(f"S3 {operation}: {error}") from error
        return url

    def _configured(self) -> str:
        if self._bucket is None:
            raise UploadsUnavailable("UPLOADS_BUCKET_NAME is not set")
        return self._bucket


def new_file_key(user_id: str, lifetime: timedelta) -> str:
    """A unique key of the user, for a file whose link expires after `lifetime`."""
    days = next(days for days in LIFETIMES if lifetime <= timedelta(days=days))
    return f"uploads/{days}-days/{user_id}/{uuid.uuid4().hex}"


def clean_content_type(value: object) -> str:
    """The media type without parameters. Raises InvalidUpload."""
    if value is None:
        return "application/octet-stream"
    if not isinstance(value, str) or not _CONTENT_TYPE.fullmatch(value.lower()):
        raise InvalidUpload("content_type must be a media type such as text/plain.")
    return value.lower()


def clean_size(value: object) -> int:
    """The size in bytes, up to MAX_BYTES. Raises InvalidUpload."""
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_BYTES:
        raise InvalidUpload(f"size must be a number of bytes from 1 to {MAX_BYTES}.")
    return value
