"""Users of a Cognito user pool: created by an administrator, signed in by SRP.

SRP is the only flow that Terraform allows in every environment; it does not send the password.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from verification.engine.smoke.http_session import Tokens


@dataclass(frozen=True)
class User:
    """One user: the pool's `sub`, email and password."""

    id: str
    email: str
    password: str


def create_user(cognito: Any, pool: str, email: str) -> User:
    """Create a user with a password of their own; no message is sent to anyone."""
    user = invite(cognito, pool, email)
    cognito.admin_set_user_password(
        UserPoolId=pool, Username=email, Password=user.password, Permanent=True
    )
    return user


def invite(cognito: Any, pool: str, email: str) -> User:
    """Create a user with a temporary password; no message is sent to anyone."""
    password = new_password()
    attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
    made = cognito.admin_create_user(
        UserPoolId=pool,
        Username=email,
        UserAttributes=attributes,
        TemporaryPassword=password,
        MessageAction="SUPPRESS",
    )
    return User(user_id(made["User"]["Attributes"]), email, password)


def new_password() -> str:
    """A password that every policy of a pool takes."""
    return f"Aa1!{secrets.token_urlsafe(18)}"


def user_id(attributes: list[dict[str, str]]) -> str:
    """The `sub` among a user's attributes."""
    return next(one["Value"] for one in attributes if one["Name"] == "sub")


def sign_in(cognito: Any, pool: str, client_id: str, user: User) -> Tokens:
    """Sign in by SRP; ClientError if Cognito refuses."""
    # It brings boto3 along, without which the rungs that nobody signs in on start.
    from pycognito.aws_srp import AWSSRP

    srp = AWSSRP(user.email, user.password, pool, client_id, client=cognito)
    result = srp.authenticate_user()["AuthenticationResult"]
    return Tokens(result["IdToken"], result["AccessToken"])
