"""Validation of links: target, short code, expiry, file name."""

from __future__ import annotations

import re
import secrets
import string
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from werkzeug.urls import iri_to_uri

from backend.times import from_text

MAX_TARGET_LENGTH = 2048
MAX_FILENAME_LENGTH = 200
MAX_LIFETIME = timedelta(days=5 * 366)
_GENERATED_LENGTH = 8
_ALPHABET = string.ascii_letters + string.digits
_SHORT_CODE = re.compile(r"[A-Za-z0-9_-]{3,32}")
# All fixed paths of the application, and well-known paths that people and crawlers expect.
RESERVED_CODES = frozenset(
    {"admin", "api", "config", "favicon", "health", "index", "login", "logout"}
    | {"readiness-check", "ready", "robots", "sitemap", "started", "static"}
)


class InvalidLink(ValueError):
    """The link is invalid; the text is for the user. `field` is the field to correct."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def clean_target(value: object) -> str:
    """The target URL as ASCII. Raises InvalidLink unless it is plain http(s)."""
    if not isinstance(value, str) or not value:
        raise InvalidLink("target", "A link needs a target URL.")
    if len(value) > MAX_TARGET_LENGTH:
        raise InvalidLink("target", f"The target has more than {MAX_TARGET_LENGTH} characters.")
    # Browsers remove or reinterpret these, so the visited URL would differ from the checked one.
    if "\\" in value or any(c.isspace() or not c.isprintable() for c in value):
        raise InvalidLink(
            "target", "The target must not contain spaces, control characters or backslashes."
        )
    target = _checked_uri(value)
    if len(target) > MAX_TARGET_LENGTH:
        raise InvalidLink("target", f"The target has more than {MAX_TARGET_LENGTH} characters.")
    return target


def _checked_uri(value: str) -> str:
    """`value` with host and path in ASCII. Raises InvalidLink for another scheme or no host."""
    try:
        target = iri_to_uri(value)
        parts = urlsplit(target)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError as error:
        raise InvalidLink("target", "The target is not a valid URL.") from error
    if parts.scheme not in ("http", "https") or not target.isascii():
        raise InvalidLink("target", "The target must begin with http:// or https://.")
    if not parts.hostname or not port_is_valid:
        raise InvalidLink("target", "The target has no host.")
    if "@" in parts.netloc:
        raise InvalidLink("target", "The target must not contain a user name or password.")
    return target


def clean_alias(value: object) -> str:
    """The short code that a user requests. Raises InvalidLink."""
    if not isinstance(value, str) or not is_short_code(value):
        raise InvalidLink(
            "alias", "An alias must have 3 to 32 letters, digits, hyphens or underscores."
        )
    if value.lower() in RESERVED_CODES:
        raise InvalidLink("alias", "This alias is reserved.")
    return value


def clean_expiry(value: object, now: datetime, longest: timedelta) -> datetime:
    """The expiry of a link, in whole seconds, at most `longest` after `now`. Raises InvalidLink."""
    message = "The expiry must be a time with an offset, such as 2026-01-31T12:00:00Z."
    if not isinstance(value, str):
        raise InvalidLink("expires_at", message)
    try:
        expires_at = from_text(value).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise InvalidLink("expires_at", message) from error
    if not now < expires_at <= now + longest:
        message = f"The expiry must be in the future, within {longest.days} days."
        raise InvalidLink("expires_at", message)
    return expires_at


def clean_filename(value: object) -> str:
    """The last part of a file name, as for downloads. Raises InvalidLink."""
    name = value.replace("\\", "/").rsplit("/", 1)[-1].strip() if isinstance(value, str) else ""
    if not name.strip(".") or len(name) > MAX_FILENAME_LENGTH or not name.isprintable():
        message = f"A file name must have 1 to {MAX_FILENAME_LENGTH} printable characters."
        raise InvalidLink("filename", message)
    return name


def is_short_code(value: str) -> bool:
    """Whether `value` has the format of a short code; otherwise no look-up is needed."""
    return _SHORT_CODE.fullmatch(value) is not None


def new_short_code() -> str:
    """A random code of 8 letters and digits: 47 bits, not predictable from other codes."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_GENERATED_LENGTH))
