"""Who gets an account of a user pool, and by which proof: as AWS has it, and moto has not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.smoke.users import invite, new_password

pytestmark = pytest.mark.slow

EMAIL = "ann@example.com"


@pytest.fixture(name="world", scope="module")
def _world() -> Iterator[EmbeddedAws]:
    """One world; each test makes a pool of its own."""
    with EmbeddedAws.start() as started:
        yield started


def pool_of(world: EmbeddedAws, invitation_only: bool = False, **client: Any) -> tuple[str, str]:
    """A new pool and a client of it."""
    cognito = world.client("cognito-idp")
    pool = cognito.create_user_pool(
        PoolName="users",
        UsernameAttributes=["email"],
        AdminCreateUserConfig={"AllowAdminCreateUserOnly": invitation_only},
    )["UserPool"]["Id"]
    made = cognito.create_user_pool_client(UserPoolId=pool, ClientName="web", **client)
    return pool, made["UserPoolClient"]["ClientId"]


def sign_up(world: EmbeddedAws, client: str) -> None:
    """Make an account with nothing but the client's id."""
    world.client("cognito-idp").sign_up(ClientId=client, Username=EMAIL, Password=new_password())


def sign_in(world: EmbeddedAws, client: str, password: str) -> Any:
    """Sign in by sending the password."""
    return world.client("cognito-idp").initiate_auth(
        ClientId=client,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": EMAIL, "PASSWORD": password},
    )


def test_sign_up_where_invitations_are_needed(world: EmbeddedAws) -> None:
    """A pool of invited users refuses to be signed up to; another does not."""
    _, closed = pool_of(world, invitation_only=True)
    with pytest.raises(ClientError, match=r"NotAuthorizedException.*not permitted for this user"):
        sign_up(world, closed)
    _, opened = pool_of(world)
    sign_up(world, opened)


def test_flow_that_the_client_does_not_allow(world: EmbeddedAws) -> None:
    """A client allows the flows that it names; one that names none takes no plain password."""
    pool, client = pool_of(world)
    user = invite(world.client("cognito-idp"), pool, EMAIL)
    with pytest.raises(ClientError, match=r"InvalidParameterException.*not enabled for this"):
        sign_in(world, client, user.password)
    pool, client = pool_of(world, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])
    user = invite(world.client("cognito-idp"), pool, EMAIL)
    assert sign_in(world, client, user.password)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


@pytest.mark.parametrize(
    ("code", "password", "error"),
    [
        ("123456", "Aa1!Aa1!Aa1!Aa1!", "CodeMismatchException"),
        (None, "short", "InvalidPasswordException"),
        (None, "Aa1!Aa1!Aa1!Aa1!", ""),
    ],
    ids=["another code", "weak password", "all right"],
)
def test_reset_takes_the_code_that_was_sent(
    world: EmbeddedAws, code: str | None, password: str, error: str
) -> None:
    """Another code, and a password that the pool's policy refuses, reset nothing."""
    pool, client = pool_of(world)
    cognito = world.client("cognito-idp")
    invite(cognito, pool, EMAIL)
    sent = cognito.forgot_password(ClientId=client, Username=EMAIL)
    headers = sent["ResponseMetadata"]["HTTPHeaders"]
    given = code or headers["x-moto-forgot-password-confirmation-code"]
    raised = ""
    try:
        cognito.confirm_forgot_password(
            ClientId=client, Username=EMAIL, ConfirmationCode=given, Password=password
        )
    except ClientError as refusal:
        raised = refusal.response["Error"]["Code"]
    assert raised == error
