"""botocore's errors on reads, as one sentence with the call and the remedy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions as aws

from verification.engine.errors import EngineError, EnvironmentUnavailable, ToolError

_NOT_SIGNED_IN = (
    aws.NoCredentialsError,
    aws.PartialCredentialsError,
    aws.CredentialRetrievalError,
    aws.ProfileNotFound,
    aws.TokenRetrievalError,
    aws.SSOError,
    aws.LoginError,
    aws.NoRegionError,
)
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
_NOT_KNOWN = {
    "AuthFailure",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "UnauthorizedOperation",
}
_SIGN_IN = "Sign in again (`aws sso login`, or new AWS_* credentials)."


@contextmanager
def translated() -> Iterator[None]:
    """Convert botocore's errors to the engine's.

    Raises:
        EnvironmentUnavailable: AWS cannot be reached, or credentials are missing or not sufficient.
        ToolError: a call failed for another reason.
    """
    try:
        yield
    except aws.ClientError as error:
        raise _refusal(error) from error
    except (aws.HTTPClientError, aws.ConnectionError) as error:
        endpoint = str(error.kwargs.get("endpoint_url", "its endpoint")).rstrip("/")
        raise EnvironmentUnavailable(
            f"AWS cannot be reached at {endpoint}. Check network, region and AWS_ENDPOINT_URL."
        ) from error
    except _NOT_SIGNED_IN as error:
        raise EnvironmentUnavailable(f"no usable AWS credentials: {error}. {_SIGN_IN}") from error
    except aws.BotoCoreError as error:
        raise ToolError(f"AWS's answer cannot be parsed: {error}") from error


def code(error: aws.ClientError) -> str:
    """The error code of AWS."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _refusal(error: aws.ClientError) -> EngineError:
    call, text = error.operation_name, error.response.get("Error", {}).get("Message", "")
    if code(error) in _EXPIRED:
        return EnvironmentUnavailable(f"the AWS credentials have expired ({call}). {_SIGN_IN}")
    if code(error) in _NOT_KNOWN:
        return EnvironmentUnavailable(
            f"AWS rejected the credentials ({call}: {code(error)}). {_SIGN_IN}"
        )
    if code(error) in _DENIED:
        return EnvironmentUnavailable(
            f"AWS denied {call}: {text}. The AWS managed policy ReadOnlyAccess is sufficient."
        )
    return ToolError(f"{call} failed with {code(error)}: {text}")
