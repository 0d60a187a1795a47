"""AWS clients, created on first use: after workers are forked, and when there are credentials.

The only importer of boto3. Waiting is bounded: a call takes at most
`attempts * (CONNECT_SECONDS + READ_SECONDS)` plus the pauses between attempts.
"""

from __future__ import annotations

import functools
import threading
from typing import Any

import boto3
from botocore.config import Config as BotoConfig
from botocore.exceptions import BotoCoreError, ClientError

CONNECT_SECONDS = 1.0
READ_SECONDS = 2.0
CALL_ERRORS = (BotoCoreError, ClientError)
# Creating clients from a session is not thread-safe; using them is.
_MAKING = threading.Lock()


class NoCredentials(Exception):
    """The process has no AWS credentials (yet), because the task role could not be read."""


class LazyClient:
    """A client of `service` for all threads of a process; `get` creates it on first use."""

    def __init__(
        self, service: str, region: str, endpoint_url: str | None, attempts: int = 4
    ) -> None:
        self._service = service
        self._region = region
        self._endpoint_url = endpoint_url
        self._attempts = attempts
        self._client: Any = None

    def get(self) -> Any:
        """The client. Raises NoCredentials, or a BotoCoreError when they cannot be fetched."""
        if self._client is None:
            with _MAKING:
                if self._client is None:
                    self._client = self._make()
        return self._client

    def _make(self) -> Any:
        session = _session(self._region)
        if session.get_credentials() is None:
            raise NoCredentials("no AWS credentials were found")
        return session.client(
            self._service, endpoint_url=self._endpoint_url, config=self._settings()
        )

    def _settings(self) -> BotoConfig:
        # Virtual-hosted addressing has the bucket in the host name; an emulator has no such hosts.
        style = "path" if self._endpoint_url else "virtual"
        return BotoConfig(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            # Not "adaptive": it slows all calls of the client where DynamoDB throttles one key.
            retries={"mode": "standard", "total_max_attempts": self._attempts},
            max_pool_connections=32,
            tcp_keepalive=True,
            signature_version="s3v4" if self._service == "s3" else None,
            # By default botocore signs global URLs for us-east-1 (bucket.s3.amazonaws.com), which
            # the page's security policy does not allow: `Config.uploads_origin` is regional.
            s3={"addressing_style": style, "us_east_1_regional_endpoint": "regional"},
            request_checksum_calculation="when_required",
        )


@functools.cache
def _session(region: str) -> boto3.session.Session:
    """The session of this process, which caches the role's credentials and the API models."""
    return boto3.session.Session(region_name=region)
