"""Cognito user pools."""

from typing import Any

from moto.cognitoidp.exceptions import InvalidParameterException
from moto.cognitoidp.models import (
    CognitoIdpBackend,
    CognitoIdpUserPool,
    CognitoIdpUserPoolDomain,
)

from verification.engine.aws.emulator.moto_patches.patching import Method, wrap
from verification.engine.aws.emulator.protocol import ACCOUNT

_IMMUTABLE = ("AliasAttributes", "UsernameAttributes", "UsernameConfiguration")


def domain_account() -> None:
    """moto 5.2.5 returns another random AWSAccountId of a domain on every read: permanent drift.

    AWS returns the account's id.
    """
    wrap(CognitoIdpUserPoolDomain, "to_json", _with_account)


def _with_account(original: Method) -> Method:
    def to_json(self: Any, extended: bool = True) -> dict[str, Any]:
        answer: dict[str, Any] = original(self, extended)
        return answer | {"AWSAccountId": ACCOUNT} if extended else answer

    return to_json


def immutable_settings() -> None:
    """moto 5.2.5 resets in UpdateUserPool what only CreateUserPool can set: a plan to replace.

    AWS resets omitted settings to their defaults, except for these.
    """
    wrap(CognitoIdpUserPool, "update_extended_config", _keeping)


def _keeping(original: Method) -> Method:
    def update_extended_config(self: Any, extended_config: dict[str, Any]) -> None:
        before = vars(self).get("extended_config", {})
        original(self, extended_config)
        kept = {name: before[name] for name in _IMMUTABLE if name in before}
        self.extended_config.update(kept)

    return update_extended_config


def deletion_protection() -> None:
    """moto 5.2.5 deletes a protected user pool; AWS refuses until deletion protection is off."""
    wrap(CognitoIdpBackend, "delete_user_pool", _refusing)


def _refusing(original: Method) -> Method:
    def delete_user_pool(self: Any, user_pool_id: str) -> None:
        config = self.describe_user_pool(user_pool_id).extended_config
        if config.get("DeletionProtection") == "ACTIVE":
            raise InvalidParameterException(
                "The user pool cannot be deleted because deletion protection is activated. "
                "Deletion protection must be inactivated first."
            )
        original(self, user_pool_id)

    return delete_user_pool
