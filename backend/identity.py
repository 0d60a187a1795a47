"""Who is asking: tokens of the Cognito user pool, verified on every request. There is no switch.

A token counts when it is signed with RS256 by a key the pool publishes, by this pool, for this
client, now, and as an id or access token. The published keys are kept for an hour; a key id not
among them makes them be fetched anew, at most once in 30 seconds whatever clients send.
"""

from __future__ import annotations

import json
import re
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt

from backend.config import CognitoSettings

KEYS_FRESH_SECONDS = 3600.0
REFETCH_SECONDS = 30.0
CLOCK_SKEW_SECONDS = 5
_FETCH_SECONDS = 3.0
_MAX_JWKS_BYTES = 64 * 1024
_MAX_TOKEN_LENGTH = 8192
_SUBJECT = re.compile(r"[A-Za-z0-9_-]{1,128}")


class InvalidToken(Exception):
    """The token proves nothing; the reason is for the log, not for the client."""


class IdentityUnavailable(Exception):
    """The keys of the pool cannot be had now, so no token can be judged."""


@dataclass(frozen=True)
class Identity:
    """A verified user: the pool's `sub`, and the email if the token carries one."""

    user_id: str
    email: str | None


class KeySet:
    """The pool's public keys by key id, fetched with `fetch` (raises OSError or ValueError)."""

    def __init__(
        self, fetch: Callable[[], dict[str, Any]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None

    def key(self, key_id: str) -> jwt.PyJWK:
        """The key. Raises InvalidToken for an unknown id, IdentityUnavailable without any keys."""
        key = self._keys.get(key_id)
        if key is None or not self._fresh():
            self._refresh()
            key = self._keys.get(key_id)
        if key is not None:
            return key
        if not self._keys:
            raise IdentityUnavailable("the keys of the user pool could not be fetched")
        raise InvalidToken("the key id is unknown")

    def _fresh(self) -> bool:
        return (
            self._fetched_at is not None and self._clock() - self._fetched_at < KEYS_FRESH_SECONDS
        )

    def _refresh(self) -> None:
        """Fetch the keys unless that was tried a moment ago; keep the old ones if it fails."""
        with self._lock:
            now = self._clock()
            if self._tried_at is not None and now - self._tried_at < REFETCH_SECONDS:
                return
            self._tried_at = now
            try:
                keys = jwt.PyJWKSet.from_dict(self._fetch()).keys
            except (OSError, ValueError, jwt.PyJWTError):
                # Known keys stay good: trouble at Cognito must not lock everybody out.
                return
            self._keys = {key.key_id: key for key in keys if key.key_id}
            self._fetched_at = now


class TokenVerifier:
    """Turns a bearer token into an Identity."""

    def __init__(self, settings: CognitoSettings, keys: KeySet | None = None) -> None:
        self._settings = settings
        self._keys = keys or KeySet(lambda: fetch_jwks(settings.jwks_url))

    def verify(self, token: str) -> Identity:
        """The user the token was issued to. Raises InvalidToken or IdentityUnavailable."""
        if len(token) > _MAX_TOKEN_LENGTH:
            raise InvalidToken("the token is too long")
        try:
            claims = self._claims(token)
        except jwt.PyJWTError as error:
            raise InvalidToken(str(error)) from error
        self._check_use(claims)
        subject, email = claims["sub"], claims.get("email")
        if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
            raise InvalidToken("the subject is not a user id")
        return Identity(subject, email if isinstance(email, str) and email else None)

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
            # Access tokens have no audience but a client id: _check_use looks at either.
            options={"require": ["exp", "iss", "sub", "token_use"], "verify_aud": False},
        )

    def _check_use(self, claims: dict[str, Any]) -> None:
        """Raise InvalidToken unless this is an id or access token for this very client."""
        claim = {"id": "aud", "access": "client_id"}.get(str(claims["token_use"]))
        if claim is None:
            raise InvalidToken("the token is neither an id nor an access token")
        if claims.get(claim) != self._settings.client_id:
            raise InvalidToken("the token was issued to another client")


def fetch_jwks(url: str) -> dict[str, Any]:
    """The key set at `url`, in 3 s and 64 KB at most. Raises OSError or ValueError."""
    # The address comes from the configuration, which allows http(s) only.
    with urllib.request.urlopen(url, timeout=_FETCH_SECONDS) as response:
        document = json.loads(response.read(_MAX_JWKS_BYTES))
    if not isinstance(document, dict):
        raise ValueError("the key set is not an object")
    return document
