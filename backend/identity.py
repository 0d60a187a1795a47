"""Authentication: tokens of the Cognito user pool, verified on every request, without exception.

A token is valid if it is signed with RS256 by a published key of the pool, issued by this pool for
this client, not expired, and an id or access token. (Amazon Cognito Developer Guide, "Verifying
JSON web tokens",
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html)
Keys are cached for an hour; an unknown key id causes another fetch, at most once in 30 seconds. A
failed fetch is retried by the next request, after a pause that grows from 0.2 to 30 seconds;
meanwhile cached keys are used, however old.
"""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeGuard

import jwt

from backend.config import CognitoSettings
from backend.jwks import fetch_jwks

KEYS_FRESH_SECONDS = 3600.0
REFETCH_SECONDS = 30.0
FIRST_PAUSE_SECONDS = 0.2
# How long other requests wait for a fetch.
PATIENCE_SECONDS = 0.5
CLOCK_SKEW_SECONDS = 5
_PREFETCHES = 3
_MAX_TOKEN_LENGTH = 8192
# DynamoDB's limit for the partition key of an index.
_MAX_EMAIL_BYTES = 2048
_SUBJECT = re.compile(r"[A-Za-z0-9_-]{1,128}")


class InvalidToken(Exception):
    """The token is invalid; the reason is for the log, not for the client."""


class IdentityUnavailable(Exception):
    """The pool's keys are not available, so tokens cannot be verified."""


@dataclass(frozen=True)
class Identity:
    """A verified user: the pool's `sub`, and the email if the token carries a verified one."""

    user_id: str
    email: str | None


class KeySet:
    """The pool's public keys by key id, fetched with `fetch` (raises OSError or ValueError)."""

    def __init__(
        self, fetch: Callable[[], dict[str, Any]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._fetching = threading.Lock()
        self._keys: dict[str, jwt.PyJWK] = {}
        self._stale_at = self._next_at = -math.inf
        self._began_at = math.inf
        self._failures = 0
        self._problem = "the first fetch is in progress"

    def key(self, key_id: str) -> jwt.PyJWK:
        """The key. Raises InvalidToken for an unknown id, IdentityUnavailable without any keys."""
        key = self._keys.get(key_id)
        if key is None or self._clock() >= self._stale_at:
            self._refresh(wait=key is None)
            key = self._keys.get(key_id)
        if key is not None:
            return key
        if not self._keys:
            reason = f"the keys of the user pool could not be fetched: {self._problem}"
            raise IdentityUnavailable(reason)
        raise InvalidToken("the key id is unknown")

    def prefetch(self, sleep: Callable[[float], None] = time.sleep) -> str:
        """Fetch the keys before the first request, in several attempts.

        Returns the reason if there are no keys, else "". Requests retry.
        """
        for attempt in range(_PREFETCHES):
            self._next_at = self._fetch_keys()
            if self._keys:
                return ""
            if attempt + 1 < _PREFETCHES:
                sleep(max(0.0, self._next_at - self._clock()))
        return self._problem

    def _refresh(self, wait: bool) -> None:
        """Fetch the keys if due. One thread does; others wait briefly, or not at all.

        Requests with a known key do not wait, so that problems of Cognito do not block them.
        """
        if self._clock() < self._next_at:
            return
        left = min(PATIENCE_SECONDS, self._began_at + PATIENCE_SECONDS - self._clock())
        if not self._fetching.acquire(timeout=max(0.0, left) if wait else 0.0):
            return
        try:
            if self._clock() >= self._next_at:
                self._began_at = self._clock()
                self._next_at = self._fetch_keys()
        finally:
            self._began_at = math.inf
            self._fetching.release()

    def _fetch_keys(self) -> float:
        """Fetch the keys, or keep the old ones; returns the time of the next fetch."""
        try:
            keys = _usable(self._fetch())
        except (OSError, ValueError, RecursionError, jwt.PyJWTError) as error:
            self._problem = str(error)
            pause = FIRST_PAUSE_SECONDS * 2.0 ** min(self._failures, 10)
            self._failures += 1
            return self._clock() + min(pause, REFETCH_SECONDS)
        self._keys, self._failures = keys, 0
        now = self._clock()
        self._stale_at = now + KEYS_FRESH_SECONDS
        return now + REFETCH_SECONDS


def _usable(document: dict[str, Any]) -> dict[str, jwt.PyJWK]:
    """The keys of a key set by id. Raises ValueError or PyJWTError if there are none."""
    listed = document.get("keys")
    if not isinstance(listed, list) or not all(isinstance(key, dict) for key in listed):
        raise ValueError("the key set has no keys")
    keys = {key.key_id: key for key in jwt.PyJWKSet(listed).keys if key.key_id}
    if not keys:
        raise ValueError("no key in the key set has an id")
    return keys


def _is_storable(email: object) -> TypeGuard[str]:
    """Whether a store can hold this email: UTF-8, and not too long for a key of an index.

    Otherwise the user is signed in without an email.
    """
    if not isinstance(email, str) or not email:
        return False
    try:
        return len(email.encode()) <= _MAX_EMAIL_BYTES
    except UnicodeEncodeError:
        return False


class TokenVerifier:
    """Verifies bearer tokens, and returns their Identity."""

    def __init__(self, settings: CognitoSettings, keys: KeySet | None = None) -> None:
        self._settings = settings
        self._keys = keys or KeySet(lambda: fetch_jwks(settings.jwks_url))

    def prefetch_keys(self) -> str:
        """Fetch the pool's keys before the first request; see `KeySet.prefetch`."""
        return self._keys.prefetch()

    def verify(self, token: str) -> Identity:
        """The user of the token. Raises InvalidToken or IdentityUnavailable."""
        if len(token) > _MAX_TOKEN_LENGTH:
            raise InvalidToken("the token is too long")
        try:
            claims = self._claims(token)
        except (jwt.PyJWTError, RecursionError) as error:
            raise InvalidToken(str(error)) from error
        self._check_use(claims)
        # An address that nobody verified may be somebody else's.
        is_verified = claims.get("email_verified") in (True, "true")
        subject, email = claims["sub"], claims.get("email") if is_verified else None
        if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
            raise InvalidToken("the subject is not a user id")
        return Identity(subject, email if _is_storable(email) else None)

    def _claims(self, token: str) -> dict[str, Any]:
        header = jwt.get_unverified_header(token)
        if header.get("alg") != "RS256" or not isinstance(header.get("kid"), str):
            raise InvalidToken("the token is not signed with RS256 by a named key")
        return jwt.decode(
            token,
            self._keys.key(header["kid"]).key,
            algorithms=["RS256"],
            issuer=self._settings.issuer,
            leeway=CLOCK_SKEW_SECONDS,
            # Access tokens have a client id instead of an audience; _check_use checks both.
            options={"require": ["exp", "iss", "sub", "token_use"], "verify_aud": False},
        )

    def _check_use(self, claims: dict[str, Any]) -> None:
        """Raise InvalidToken unless this is an id or access token for this client."""
        claim = {"id": "aud", "access": "client_id"}.get(str(claims["token_use"]))
        if claim is None:
            raise InvalidToken("the token is neither an id nor an access token")
        if claims.get(claim) != self._settings.client_id:
            raise InvalidToken("the token was issued to another client")
