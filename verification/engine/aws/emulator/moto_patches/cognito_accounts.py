"""Sign-up, authentication flows and password resets of Cognito user pools."""

from typing import Any

from moto.cognitoidp.exceptions import (
    CodeMismatchException,
    InvalidParameterException,
    NotAuthorizedError,
)
from moto.cognitoidp.models import CognitoIdpBackend

from verification.engine.aws.emulator.moto_patches.patching import Method, wrap

# The default flows (API Reference, CreateUserPoolClient, ExplicitAuthFlows).
_DEFAULT_FLOWS = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")
_REFRESH = ("REFRESH_TOKEN", "REFRESH_TOKEN_AUTH")


def invitations() -> None:
    """moto 5.2.5 ignores AllowAdminCreateUserOnly on SignUp; AWS rejects the call."""
    wrap(CognitoIdpBackend, "sign_up", _by_invitation)


def _by_invitation(original: Method) -> Method:
    def sign_up(self: Any, client_id: str, *arguments: Any, **named: Any) -> Any:
        for pool in self.user_pools.values():
            config = pool.extended_config.get("AdminCreateUserConfig", {})
            if client_id in pool.clients and config.get("AllowAdminCreateUserOnly"):
                raise NotAuthorizedError("SignUp is not permitted for this user pool")
        return original(self, client_id, *arguments, **named)

    return sign_up


def client_flows() -> None:
    """moto 5.2.5 ignores the client's ExplicitAuthFlows; AWS rejects other flows."""
    wrap(CognitoIdpBackend, "initiate_auth", _by_allowed_flow)


def _by_allowed_flow(original: Method) -> Method:
    def initiate_auth(
        self: Any, client_id: str, auth_flow: str, auth_parameters: dict[str, str]
    ) -> Any:
        flow = "REFRESH_TOKEN_AUTH" if auth_flow in _REFRESH else auth_flow
        for pool in self.user_pools.values():
            client = pool.clients.get(client_id)
            if client and not {f"ALLOW_{flow}", flow} & set(_flows(client)):
                raise InvalidParameterException(f"{auth_flow} flow not enabled for this client")
        return original(self, client_id, auth_flow, auth_parameters)

    return initiate_auth


def _flows(client: Any) -> tuple[str, ...]:
    return tuple(client.extended_config.get("ExplicitAuthFlows") or _DEFAULT_FLOWS)


def reset_codes() -> None:
    """moto 5.2.5 accepts any code and password for a reset; AWS only the code that it sent."""
    wrap(CognitoIdpBackend, "confirm_forgot_password", _by_code)


def _by_code(original: Method) -> Method:
    def confirm_forgot_password(
        self: Any, client_id: str, username: str, password: str, confirmation_code: str
    ) -> None:
        for pool in self.user_pools.values():
            user = pool._get_user(username) if client_id in pool.clients else None
            if user and confirmation_code != user.confirmation_code:
                raise CodeMismatchException("Invalid verification code provided, please try again.")
            if user:
                self._validate_password(pool.id, password)
        original(self, client_id, username, password, confirmation_code)

    return confirm_forgot_password
