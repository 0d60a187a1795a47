"""What the backend's tests share: a clock, a token issuer, rivals, and a look into the tables."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from backend.config import Config, DynamoSettings
from backend.store import CodeTaken, TrialAlreadyUsed

REGION = "us-east-1"
START = datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)
ENVIRONMENT = {
    "AWS_REGION": REGION,
    "COGNITO_USER_POOL_ID": "us-east-1_TestPool",
    "COGNITO_CLIENT_ID": "test-client",
    "UPLOADS_BUCKET_NAME": "test-uploads",
    "PUBLIC_URL": "https://share.example.com",
}


@dataclass
class FrozenClock:
    """A clock that stands still until it is told to move."""

    now: datetime = START

    def __call__(self) -> datetime:
        """The present instant."""
        return self.now

    def advance(self, **units: float) -> None:
        """Move by the given timedelta units."""
        self.now += timedelta(**units)


@dataclass(frozen=True)
class Issuer:
    """Signs tokens as the user pool would; keyword arguments override claims, None removes one."""

    private_key: rsa.RSAPrivateKey
    config: Config

    def jwks(self) -> dict[str, Any]:
        """The public key set."""
        key = jwt.algorithms.RSAAlgorithm.to_jwk(self.private_key.public_key(), as_dict=True)
        return {"keys": [key | {"kid": "pool-key", "use": "sig", "alg": "RS256"}]}

    def claims(self, **overrides: Any) -> dict[str, Any]:
        """Those of a good id token."""
        claims = {
            "sub": "user-1",
            "email": "user-1@example.com",
            "email_verified": True,
            "iss": self.config.cognito.issuer,
            "aud": self.config.cognito.client_id,
            "token_use": "id",
            "exp": int(time.time()) + 3600,
        } | overrides
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, **overrides: Any) -> str:
        """A token signed with the pool's key."""
        headers = {"kid": "pool-key"}
        return jwt.encode(self.claims(**overrides), self.private_key, "RS256", headers)

    def bearer(self, user_id: str = "user-1") -> dict[str, str]:
        """The header of a signed-in user."""
        token = self.token(sub=user_id, email=f"{user_id}@example.com")
        return {"Authorization": f"Bearer {token}"}


def dynamodb_client(settings: DynamoSettings) -> Any:
    """A plain client for looking behind the store's back."""
    return boto3.client(
        "dynamodb",
        region_name=settings.region,
        endpoint_url=settings.endpoint_url,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


def simultaneously(times: int, action: Callable[[], Any]) -> list[Any]:
    """The outcomes of `times` threads that begin `action` together; an error is an outcome."""
    barrier = threading.Barrier(times)

    def run(_: int) -> Any:
        barrier.wait()
        try:
            return action()
        except (TrialAlreadyUsed, CodeTaken) as error:
            return error

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))
