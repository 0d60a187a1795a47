"""Who may have an account."""

from __future__ import annotations

from tests.checks.edits import drop, edit
from tests.checks.kit import Case, Twin
from verification.checks.stack import accounts
from verification.model.ternary import Unknown

POOL = "aws_cognito_user_pool.this"
OPEN_POOL = (
    "sign-up by invitation only is off. Set allow_admin_create_user_only = true in "
    "admin_create_user_config"
)

TWINS = [
    Twin(
        accounts.are_made_by_invitation,
        "anybody signs up",
        edit("user_pools", invitation_only=False),
        POOL,
        OPEN_POOL,
    ),
    Twin(
        accounts.are_made_by_invitation,
        "nothing said of who signs up",
        edit("user_pools", invitation_only=None),
        POOL,
        "sign-up by invitation only is",
    ),
    Twin(
        accounts.are_made_by_invitation,
        "no pool",
        drop("user_pools"),
        "aws_cognito_user_pool",
        "the user pool is missing",
    ),
]
OPEN = [
    Case(accounts.are_made_by_invitation, "pool", edit("user_pools", invitation_only=Unknown())),
]
