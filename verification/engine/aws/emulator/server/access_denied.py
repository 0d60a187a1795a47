"""AWS's access errors, in the caller's protocol and with AWS's wording."""

from typing import NamedTuple

from verification.engine.aws.emulator.server import aws_response
from verification.engine.aws.emulator.server.aws_request import AwsRequest
from verification.engine.aws.emulator.server.aws_response import NOT_IMPLEMENTED, Response
from verification.model.ternary import Unknown


class _Codes(NamedTuple):
    """The error code in JSON services, the query protocol, S3 and EC2."""

    json: str
    query: str
    s3: str
    ec2: str


_DENIED = _Codes("AccessDeniedException", "AccessDenied", "AccessDenied", "UnauthorizedOperation")
_UNKNOWN_KEY = _Codes(
    "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "AuthFailure"
)
_EXPIRED = _Codes("ExpiredTokenException", "ExpiredToken", "ExpiredToken", "RequestExpired")
_MISMATCH = _Codes(
    "InvalidSignatureException", "SignatureDoesNotMatch", "SignatureDoesNotMatch", "AuthFailure"
)
_UNSIGNED = _Codes(
    "MissingAuthenticationTokenException",
    "MissingAuthenticationToken",
    "AccessDenied",
    "MissingAuthenticationToken",
)


def denied(
    request: AwsRequest, caller: str, action: str, resource: str | Unknown, refusal: str
) -> Response:
    """Return the answer to a call that the policies do not allow.

    IAM User Guide, "Troubleshoot access denied error messages",
    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html. Only S3 quotes
    the resource.
    """
    name = "*" if isinstance(resource, Unknown) else resource
    quoted = f'"{name}"' if request.service == "s3" else name
    what = f"is not authorized to perform: {action} on resource: {quoted} {refusal}"
    return _error(request, _DENIED, f"User: {caller} {what}")


def unknown_key(request: AwsRequest) -> Response:
    """Return the answer to an unknown access key or session token."""
    return _error(request, _UNKNOWN_KEY, "The security token included in the request is invalid.")


def expired(request: AwsRequest) -> Response:
    """Return the answer to an expired session."""
    return _error(request, _EXPIRED, "The security token included in the request is expired")


def unsigned(request: AwsRequest) -> Response:
    """Return the answer to an unsigned request."""
    return _error(request, _UNSIGNED, "Request is missing Authentication Token")


def mismatch(request: AwsRequest) -> Response:
    """Return the answer to a request without a header that its signature is about."""
    text = "The request signature we calculated does not match the signature you provided."
    return _error(request, _MISMATCH, text)


def undecided(request: AwsRequest, reason: str) -> Response:
    """Return an answer that is neither success nor denial, and that SDKs do not retry."""
    name = f"{request.service}:{request.operation}"
    message = f"the embedded AWS cannot decide whether IAM allows {name}: {reason}"
    return aws_response.error(request.protocol, 400, NOT_IMPLEMENTED, message)


def _error(request: AwsRequest, codes: _Codes, message: str) -> Response:
    family = request.protocol if request.protocol in ("query", "s3", "ec2") else "json"
    code: str = getattr(codes, family)
    return aws_response.error(request.protocol, 400 if family == "json" else 403, code, message)
