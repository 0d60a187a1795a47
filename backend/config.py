"""The configuration of the backend, and the only place that reads the environment.

`load_config` takes a mapping, so tests pass a dict; nothing else in this package reads
`os.environ`. A missing or invalid value is a `ConfigError` with one sentence per variable, and the
process refuses to start.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from backend.quota import Quota

_TABLE_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+")
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class ConfigError(Exception):
    """The environment is not a valid configuration; the text says what to change."""


@dataclass(frozen=True)
class DynamoSettings:
    """The names of the two tables. `endpoint_url` is None for AWS."""

    region: str
    users_table: str
    urls_table: str
    endpoint_url: str | None = None


@dataclass(frozen=True)
class CognitoSettings:
    """The user pool whose tokens are accepted. `endpoint_url` is None for AWS."""

    region: str
    user_pool_id: str
    client_id: str
    endpoint_url: str | None = None

    @property
    def issuer(self) -> str:
        """The `iss` claim of the pool's tokens: AWS's URL, whatever the endpoint is."""
        return f"https://cognito-idp.{self.region}.amazonaws.com/{self.user_pool_id}"

    @property
    def endpoint(self) -> str:
        """The pool's endpoint for browsers and this process, without a trailing slash."""
        return self.endpoint_url or f"https://cognito-idp.{self.region}.amazonaws.com"

    @property
    def jwks_url(self) -> str:
        """The URL of the pool's signing keys."""
        return f"{self.endpoint}/{self.user_pool_id}/.well-known/jwks.json"


@dataclass(frozen=True)
class Config:
    """The backend's configuration; `dynamodb` is None if and only if SQLite is selected.

    `public_url` is the backend's public URL without a trailing slash; all short URLs begin with it,
    whatever the Host header of a request is.
    """

    environment: str
    region: str
    port: int
    log_level: str
    dynamodb: DynamoSettings | None
    cognito: CognitoSettings
    uploads_bucket: str | None
    public_url: str
    sqlite_path: Path
    quota: Quota
    aws_endpoint_url: str | None = None

    @property
    def use_dynamodb(self) -> bool:
        """Whether data is in DynamoDB, not in a file on the task's disk."""
        return self.dynamodb is not None

    @property
    def uploads_origin(self) -> str | None:
        """Where browsers send files to, or None without a bucket."""
        if self.uploads_bucket is None:
            return None
        return (
            self.aws_endpoint_url or f"https://{self.uploads_bucket}.s3.{self.region}.amazonaws.com"
        )


class _Reader:
    """Reads variables and collects all errors, so that one start shows all of them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        """The value without surrounding spaces; without a default it is required."""
        value = self._environ.get(name, "").strip() or (default or "")
        if not value and default is None:
            self.problems.append(f"{name} is not set")
        return value

    def flag(self, name: str, default: bool) -> bool:
        """Exactly true or false, case-insensitive, so that a misspelt true is an error."""
        value = self.text(name, str(default)).lower()
        if value not in ("true", "false"):
            self.problems.append(f"{name} must be true or false, not {value!r}")
        return value == "true"

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        value = self.text(name, str(default))
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            self.problems.append(f"{name} must be a number from {low} to {high}, not {value!r}")
            return default
        return int(value)

    def endpoint(self, name: str) -> str | None:
        """An http(s) URL without a trailing slash, or None if not set."""
        value = self.text(name, "").rstrip("/")
        if value and not _is_web_address(value):
            self.problems.append(f"{name} must be an http(s) URL, not {value!r}")
        return value or None

    def origin(self, name: str, default: str | None = None) -> str:
        """An http(s) URL with a host and no path, without a trailing slash."""
        value = self.text(name, default).rstrip("/")
        if value and (not _is_web_address(value) or not _ORIGIN.fullmatch(value)):
            example = "such as https://share.example.com"
            self.problems.append(f"{name} must be a URL {example}, not {value!r}")
        return value

    def table(self, name: str) -> str:
        """The name of a DynamoDB table."""
        value = self.text(name)
        if value and not _TABLE_NAME.fullmatch(value):
            self.problems.append(f"{name} is not a DynamoDB table name: {value!r}")
        return value

    def finish(self) -> None:
        """Raise ConfigError with all errors, if there are any."""
        if self.problems:
            raise ConfigError("; ".join(self.problems))


def _is_web_address(value: str) -> bool:
    """Whether this is http or https, with a host and an optional port."""
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def load_config(environ: Mapping[str, str] | None = None) -> Config:
    """The configuration of the backend, from `environ` or the process environment.

    Raises ConfigError with every variable that is missing or invalid.
    """
    read = _Reader(os.environ if environ is None else environ)
    region = read.text("AWS_REGION")
    aws_endpoint = read.endpoint("AWS_ENDPOINT_URL")
    dynamodb = _dynamodb(read, region, aws_endpoint) if read.flag("USE_DYNAMODB", False) else None
    port = read.number("PORT", 5000, 1, 65535)
    config = Config(
        environment=read.text("ENVIRONMENT", "dev"),
        region=region,
        port=port,
        log_level=_log_level(read),
        dynamodb=dynamodb,
        cognito=_cognito(read, region, aws_endpoint),
        uploads_bucket=read.text("UPLOADS_BUCKET_NAME", None if dynamodb else "") or None,
        public_url=read.origin("PUBLIC_URL", None if dynamodb else f"http://localhost:{port}"),
        sqlite_path=Path(read.text("SQLITE_PATH", "fileshare.sqlite3")),
        quota=Quota(
            files=read.number("FILES_PER_USER", 100, 1, 1000),
            size=read.number("BYTES_PER_USER", 1073741824, 1, 1099511627776),
        ),
        aws_endpoint_url=aws_endpoint,
    )
    read.finish()
    return config


def load_dynamodb_settings(environ: Mapping[str, str] | None = None) -> DynamoSettings:
    """Only the settings of the two tables, for the migration. Raises ConfigError."""
    read = _Reader(os.environ if environ is None else environ)
    settings = _dynamodb(read, read.text("AWS_REGION"), read.endpoint("AWS_ENDPOINT_URL"))
    read.finish()
    return settings


def _dynamodb(read: _Reader, region: str, endpoint_url: str | None) -> DynamoSettings:
    return DynamoSettings(
        region=region,
        users_table=read.table("DYNAMODB_USERS_TABLE_NAME"),
        urls_table=read.table("DYNAMODB_URLS_TABLE_NAME"),
        endpoint_url=endpoint_url,
    )


def _cognito(read: _Reader, region: str, aws_endpoint: str | None) -> CognitoSettings:
    return CognitoSettings(
        region=region,
        user_pool_id=read.text("COGNITO_USER_POOL_ID"),
        client_id=read.text("COGNITO_CLIENT_ID"),
        endpoint_url=read.endpoint("COGNITO_ENDPOINT_URL") or aws_endpoint,
    )


def _log_level(read: _Reader) -> str:
    level = read.text("LOG_LEVEL", "INFO").upper()
    if level not in _LOG_LEVELS:
        read.problems.append(f"LOG_LEVEL must be one of {', '.join(_LOG_LEVELS)}, not {level!r}")
    return level
