"""Users are made and signed in as on a real pool: by a proof that takes the password."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import jwt
import pytest
from botocore.exceptions import ClientError

from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.smoke.users import create_user, sign_in

pytestmark = pytest.mark.slow


@pytest.fixture(name="world", scope="module")
def _world(empty_aws: EmbeddedAws) -> Iterator[EmbeddedAws]:
    with empty_aws.fork() as started:
        yield started


@pytest.fixture(name="pool")
def _pool(world: EmbeddedAws) -> tuple[str, str]:
    cognito = world.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="users", UsernameAttributes=["email"])["UserPool"]
    client = cognito.create_user_pool_client(UserPoolId=pool["Id"], ClientName="web")
    return pool["Id"], client["UserPoolClient"]["ClientId"]


def test_a_user_signs_in(world: EmbeddedAws, pool: tuple[str, str]) -> None:
    """The tokens are those of the user that was made."""
    cognito = world.client("cognito-idp")
    user = create_user(cognito, pool[0], "ann@example.com")
    claims = jwt.decode(sign_in(cognito, *pool, user).id, options={"verify_signature": False})
    assert claims["sub"] == user.id


def test_a_wrong_password_is_refused(world: EmbeddedAws, pool: tuple[str, str]) -> None:
    """The embedded AWS judges the proof: without the password there is none."""
    cognito = world.client("cognito-idp")
    user = create_user(cognito, pool[0], "bob@example.com")
    with pytest.raises(ClientError, match="Incorrect username or password"):
        sign_in(cognito, *pool, replace(user, password=f"{user.password}!"))
