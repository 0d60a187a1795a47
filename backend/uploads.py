"""Presigned URLs to upload or download one file in the uploads bucket, for a short time.

Signing needs no call to AWS. The URLs need s3:PutObject and s3:GetObject of the task role on
`uploads/*` of the bucket. (Amazon S3 User Guide, "Download and upload objects with presigned URLs",
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html)
"""

from __future__ import annotations

import re
import uuid
from typing import Any
from urllib.parse import quote

from backend.aws import CALL_ERRORS, LazyClient, NoCredentials

MAX_BYTES = 100 * 1024 * 1024
UPLOAD_SECONDS = 900
DOWNLOAD_SECONDS = 300
_CONTENT_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,100}")


class UploadsUnavailable(Exception):
    """No URL could be signed: no bucket is configured, or there are no credentials."""


class InvalidUpload(ValueError):
    """The upload is invalid; the text is for the user."""


class Uploads:
    """Presigned URLs for `bucket`; None means that uploads are not configured."""

    def __init__(self, bucket: str | None, region: str, endpoint_url: str | None) -> None:
        self._bucket = bucket
        self._client = LazyClient("s3", region, endpoint_url)

    def upload_url(self, key: str, content_type: str, size: int) -> str:
        """The URL to PUT exactly `size` bytes of `content_type`. Raises UploadsUnavailable."""
        return self._sign(
            "put_object", UPLOAD_SECONDS, Key=key, ContentType=content_type, ContentLength=size
        )

    def download_url(self, key: str, filename: str) -> str:
        """The URL to GET the file, always as a download. Raises UploadsUnavailable."""
        disposition = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
        return self._sign(
            "get_object", DOWNLOAD_SECONDS, Key=key, ResponseContentDisposition=disposition
        )

    def _sign(self, operation: str, seconds: int, **parameters: Any) -> str:
        if self._bucket is None:
            raise UploadsUnavailable("UPLOADS_BUCKET_NAME is not set")
        try:
            url: str = self._client.get().generate_presigned_url(
                operation, Params={"Bucket": self._bucket, **parameters}, ExpiresIn=seconds
            )
        except (NoCredentials, *CALL_ERRORS) as error:
            raise UploadsUnavailable(f"S3 {operation}: {error}") from error
        return url


def new_file_key(user_id: str) -> str:
    """A unique key under the user's prefix."""
    return f"uploads/{user_id}/{uuid.uuid4().hex}"


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
