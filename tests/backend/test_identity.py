"""Only a valid token of this pool, for this client, proves who somebody is."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from flask.testing import FlaskClient

from backend.config import Config, load_config
from backend.identity import (
    Identity,
    InvalidToken,
    KeySet,
    TokenVerifier,
)
from backend.sqlite_store import SqliteStore
from tests.backend.kit import ENVIRONMENT, Issuer

HEADERS = {"kid": "pool-key"}


@pytest.fixture(name="verifier")
def _verifier(issuer: Issuer) -> TokenVerifier:
    """A verifier that knows the pool's key."""
    return TokenVerifier(issuer.config.cognito, KeySet(issuer.jwks))


def test_an_id_token_is_accepted(verifier: TokenVerifier, issuer: Issuer) -> None:
    """An id token for this client names the user and the email."""
    assert verifier.verify(issuer.token()) == Identity("user-1", "user-1@example.com")


def test_an_access_token_is_accepted(verifier: TokenVerifier, issuer: Issuer) -> None:
    """An access token for this client names the user; it carries no email."""
    token = issuer.token(token_use="access", client_id="test-client", aud=None, email=None)
    assert verifier.verify(token) == Identity("user-1", None)


@pytest.mark.parametrize(
    "email", ["a\ud800@example.com", "a" * 2037 + "@example.com", "", 5], ids=lambda e: repr(e)[:9]
)
def test_an_email_that_no_store_can_hold_is_none(
    client: FlaskClient, verifier: TokenVerifier, issuer: Issuer, email: object
) -> None:
    """The user is who the token says, and starts the trial without an email."""
    token = issuer.token(email=email)
    assert verifier.verify(token) == Identity("user-1", None)
    answer = client.post("/api/me/trial", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": int(time.time()) - 60},
        {"exp": None},
        {"nbf": int(time.time()) + 600},
        {"iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_OtherPool"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": None},
        {"aud": ["test-client", "another-client"]},
        {"token_use": "refresh"},
        {"token_use": None},
        {"token_use": "access"},
        {"token_use": "access", "client_id": "another-client"},
        {"token_use": "id", "aud": None, "client_id": "test-client"},
        {"sub": None},
        {"sub": ""},
        {"sub": "../user-2"},
        {"sub": "uploads/user-2"},
    ],
    ids=", ".join,
)
def test_wrong_claims_prove_nothing(
    verifier: TokenVerifier, issuer: Issuer, claims: dict[str, Any]
) -> None:
    """A correctly signed token is refused when any claim is missing or not meant for us."""
    with pytest.raises(InvalidToken):
        verifier.verify(issuer.token(**claims))


def test_another_key_proves_nothing(verifier: TokenVerifier, issuer: Issuer) -> None:
    """Using the pool's key id does not help somebody who lacks the pool's key."""
    foreign = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with pytest.raises(InvalidToken):
        verifier.verify(jwt.encode(issuer.claims(), foreign, "RS256", HEADERS))


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
def test_only_rs256_is_accepted(verifier: TokenVerifier, issuer: Issuer, algorithm: str) -> None:
    """Even the right key proves nothing with another algorithm."""
    with pytest.raises(InvalidToken):
        verifier.verify(jwt.encode(issuer.claims(), issuer.private_key, algorithm, HEADERS))


def test_an_unsigned_token_proves_nothing(verifier: TokenVerifier, issuer: Issuer) -> None:
    """The algorithm none is refused."""
    with pytest.raises(InvalidToken):
        verifier.verify(jwt.encode(issuer.claims(), "", "none", HEADERS))


def test_the_public_key_is_no_shared_secret(verifier: TokenVerifier, issuer: Issuer) -> None:
    """A token signed with HS256 and the published key as its secret is refused."""
    public = issuer.private_key.public_key()
    secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def part(content: bytes) -> bytes:
        return base64.urlsafe_b64encode(content).rstrip(b"=")

    header = part(json.dumps({"alg": "HS256", "typ": "JWT", "kid": "pool-key"}).encode())
    signed = header + b"." + part(json.dumps(issuer.claims()).encode())
    proof = part(hmac.new(secret, signed, hashlib.sha256).digest())
    with pytest.raises(InvalidToken):
        verifier.verify((signed + b"." + proof).decode())


NESTED = base64.urlsafe_b64encode(b"[" * 6000).decode() + ".e30.AA"


@pytest.mark.parametrize(
    "token", ["", "x", "a.b.c", "é.é.é", "x" * 9000, NESTED], ids=lambda token: repr(token[:9])
)
def test_rubbish_proves_nothing(verifier: TokenVerifier, token: str) -> None:
    """Text that is no token is refused like a forged one."""
    with pytest.raises(InvalidToken):
        verifier.verify(token)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/me/trial"),
        ("POST", "/api/me/trial"),
        ("GET", "/api/links"),
        ("POST", "/api/links"),
        ("DELETE", "/api/links/code-1"),
        ("POST", "/api/uploads"),
    ],
)
@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer x.y.z", "Basic dXNlcjpwdw=="])
def test_every_user_address_wants_a_token(
    client: FlaskClient, method: str, path: str, header: str | None
) -> None:
    """Without a valid token each address about a user answers 401, whatever the body."""
    headers = {} if header is None else {"Authorization": header}
    answer = client.open(path, method=method, headers=headers, json={"target": "x"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_in_the_address_is_ignored(client: FlaskClient, issuer: Issuer) -> None:
    """A token counts in its header only: addresses end up in logs."""
    assert client.get(f"/api/me/trial?access_token={issuer.token()}").status_code == 401


def no_route() -> dict[str, Any]:
    """A fetch of a pool that is away."""
    raise OSError("no route")


def test_without_keys_the_answer_is_503(
    make_app: Callable[..., Flask], config: Config, issuer: Issuer
) -> None:
    """A user whose token cannot be judged is asked to come back, not to sign in again."""
    app = make_app(SqliteStore(config.sqlite_path))
    app.extensions["fileshare"].verifier = TokenVerifier(config.cognito, KeySet(no_route))
    answer = app.test_client().get("/api/me/trial", headers=issuer.bearer())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_the_endpoint_moves_only_the_keys() -> None:
    """With an emulator the keys come from it, while the issuer stays the pool's public one."""
    real = load_config(ENVIRONMENT).cognito
    emulated = load_config(ENVIRONMENT | {"AWS_ENDPOINT_URL": "http://127.0.0.1:5701/"}).cognito
    issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_TestPool"
    assert real.issuer == emulated.issuer == issuer
    assert real.jwks_url == f"{issuer}/.well-known/jwks.json"
    assert emulated.jwks_url == ("http://127.0.0.1:5701/us-east-1_TestPool/.well-known/jwks.json")


@pytest.mark.parametrize("verified", [False, "false", None], ids=str)
def test_unverified_email_is_none(
    verifier: TokenVerifier, issuer: Issuer, verified: object
) -> None:
    """An address that nobody verified may be somebody else's."""
    assert verifier.verify(issuer.token(email_verified=verified)).email is None
