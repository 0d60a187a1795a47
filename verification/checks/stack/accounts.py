"""Checks of who can create accounts."""

from __future__ import annotations

from verification.checks.registry import proves
from verification.model.contract import Contract
from verification.model.findings import Finding, expect_on, missing, not_demanded
from verification.model.stack import Stack

_REMEDY = (
    "Set allow_admin_create_user_only = true in admin_create_user_config. By default, anybody can "
    "sign up with a public client."
)


@proves("trial-end-to-end")
def are_made_by_invitation(stack: Stack, contract: Contract) -> list[Finding]:
    """Only administrators create users, if the contract requires it: each user has one trial.

    (Amazon Cognito API Reference, AdminCreateUserConfigType,
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUserConfigType.html.)
    """
    if not contract.accounts.invitation_only:
        return [not_demanded(pool, "an invitation") for pool in stack.user_pools]
    if not stack.user_pools:
        return [missing("aws_cognito_user_pool", "the user pool")]
    return [
        expect_on(pool, "sign-up by invitation only", pool.invitation_only, _REMEDY)
        for pool in stack.user_pools
    ]
