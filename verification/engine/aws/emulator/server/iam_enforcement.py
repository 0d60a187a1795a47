"""IAM enforcement for roles: calls are checked before moto handles them.

moto's own enforcement (5.2.5) ignores conditions, boundaries, session policies and NotResource, and
does not check single tables or parameters. This one uses `verification.engine.aws.iam`. It checks
access keys and session tokens, and that a presigned request has the headers that are signed, but
not the signatures. It ignores resource-based policies including trust policies, so a role that may
call sts:AssumeRole can assume any role.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from moto.core.utils import utcnow
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from verification.engine.aws import iam
from verification.engine.aws.emulator.protocol import ACCESS_KEY, ACCOUNT
from verification.engine.aws.emulator.server import access_denied, decryption, request_parameters
from verification.engine.aws.emulator.server.aws_request import AwsRequest, Environ
from verification.engine.aws.emulator.server.aws_response import Response
from verification.engine.errors import ToolError
from verification.model.ternary import Unknown

PARTITION = "aws"
# "No permissions are required to perform this operation" (AWS STS API Reference).
_FREE = {"sts:GetCallerIdentity"}
# Calls that AWS accepts unsigned (Amazon Cognito Developer Guide, "Understanding API, OIDC, and
# managed login pages authentication": client-side, unauthenticated and token-authorized).
_WITHOUT_SIGNATURE = """
AssociateSoftwareToken ChangePassword ConfirmDevice ConfirmForgotPassword ConfirmSignUp DeleteUser
DeleteUserAttributes ForgetDevice ForgotPassword GetDevice GetTokensFromRefreshToken GetUser
GetUserAttributeVerificationCode GlobalSignOut InitiateAuth ListDevices ResendConfirmationCode
RespondToAuthChallenge RevokeToken SetUserMFAPreference SignUp UpdateDeviceStatus
UpdateUserAttributes VerifySoftwareToken VerifyUserAttribute
"""
_UNSIGNED = frozenset(f"cognito-idp:{name}" for name in _WITHOUT_SIGNATURE.split())


def refuse(environ: Environ, body: bytes, request: AwsRequest) -> Response | None:
    """Return AWS's error for a call that the caller may not make, None for one that it may.

    The caller must hold the application's lock, because this reads moto's IAM and STS. A call that
    cannot be decided is answered as not implemented, not as denied.
    """
    action = f"{request.service}:{request.operation}"
    free = action in _UNSIGNED or _is_jwks(environ) or _is_preflight(environ)
    if request.access_key == ACCESS_KEY or free:
        return None
    if request.access_key == "-":
        return access_denied.unsigned(request)
    session = _session(request)
    token = environ.get("HTTP_X_AMZ_SECURITY_TOKEN") or request_parameters.query(environ).get(
        "X-Amz-Security-Token"
    )
    if session is None or token != session.session_token:
        return access_denied.unknown_key(request)
    if utcnow() > session.expiration:
        return access_denied.expired(request)
    if not request_parameters.has_signed_headers(environ):
        return access_denied.mismatch(request)
    if action in _FREE:
        return None
    try:
        return _judge(environ, body, request, session)
    except ToolError as reason:
        return access_denied.undecided(request, str(reason))


def asked(environ: Environ, body: bytes, request: AwsRequest) -> tuple[tuple[str, str, str], ...]:
    """Return (role, action, resource) of every permission that a role's call needs.

    The caller must hold the application's lock.
    """
    session = _session(request)
    if session is None:
        return ()
    try:
        found = _needed(environ, body, request)
    except ToolError:
        return ()
    return tuple((str(session.role_arn), one.action, str(one.resource)) for one in found)


def hide(environ: Environ, request: AwsRequest, response: Response) -> Response:
    """Return the answer, or 403 for a missing object if the caller may not list its bucket.

    Amazon S3 API Reference, GetObject: without s3:ListBucket S3 answers 403 instead of 404.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    if response.status != 404 or request.operation not in ("GetObject", "HeadObject"):
        return response
    bucket = "/" + environ["PATH_INFO"].split("/")[1]
    listing = replace(request, operation="ListObjectsV2")
    return refuse({**environ, "PATH_INFO": bucket}, b"", listing) or response


def _session(request: AwsRequest) -> Any:
    """Return moto's session of a role, None for other callers."""
    backend = sts_backends[ACCOUNT][PARTITION]
    return backend.get_assumed_role_from_access_key(request.access_key)


def _judge(environ: Environ, body: bytes, request: AwsRequest, session: Any) -> Response | None:
    role = _role(session)
    policies, context = _policies(role, session), _context(environ, role, session)
    for one in _needed(environ, body, request):
        full = replace(one, context={**context, **one.context})
        decision = iam.decide(policies, full)
        if decision.verdict is iam.Ruling.UNKNOWN:
            return access_denied.undecided(request, decision.reason)
        if decision.verdict is iam.Ruling.DENIED:
            return access_denied.denied(
                request, session.arn, one.action, one.resource, decision.refusal
            )
    return None


def _needed(environ: Environ, body: bytes, request: AwsRequest) -> tuple[iam.Request, ...]:
    operation = f"{request.service}:{request.operation}"
    given = request_parameters.read(environ, body, request)
    if operation == "sts:AssumeRole" and any(key.startswith("PolicyArns.") for key in given):
        raise ToolError("the embedded AWS does not support PolicyArns of a session")
    resources: tuple[str | Unknown, ...] = request.resources
    if request.service not in ("dynamodb", "ssm") and resources == ("*",):
        # It is not parsed; it may be "*" or not.
        resources = (Unknown(f"the resource of {operation}"),)
    region = request_parameters.region(environ)
    found = iam.needed(operation, given, ACCOUNT, region, PARTITION, resources=resources)
    return (*found, *decryption.needed(operation, given, region))


def _role(session: Any) -> Any:
    """Return moto's role, None if it was deleted."""
    try:
        return iam_backends[ACCOUNT][PARTITION].get_role_by_arn(session.role_arn)
    except NotFoundException:
        return None


def _policies(role: Any, session: Any) -> iam.Policies:
    """Return the role's current policies, and those of the session."""
    limits = (session.policy,) if session.policy else None
    if role is None:
        return _parsed((), None, limits)
    managed = map(_default, role.managed_policies.values())
    arn = role.permissions_boundary_arn
    boundary = _default(iam_backends[ACCOUNT][PARTITION].get_policy(arn)) if arn else None
    return _parsed((*managed, *role.policies.values()), boundary, limits)


def _default(policy: Any) -> str:
    """Return the document of a managed policy's default version."""
    chosen = policy.default_version_id
    return next(str(one.document) for one in policy.versions if one.version_id == chosen)


@lru_cache(256)
def _parsed(
    identity: tuple[str, ...], boundary: str | None, session: tuple[str, ...] | None
) -> iam.Policies:
    """Parse policy texts; equal texts give the same object, which is parsed only once."""
    return iam.Policies(
        tuple(map(_document, identity)),
        None if boundary is None else _document(boundary),
        None if session is None else tuple(map(_document, session)),
    )


def _document(text: str) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(text)
    except ValueError as reason:
        raise ToolError(f"a policy is not JSON: {text[:80]}") from reason
    return document


def _context(environ: Environ, role: Any, session: Any) -> dict[str, Any]:
    """Return the context keys of every call of a role.

    IAM User Guide, "AWS global condition context keys",
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html. The
    endpoint counts as TLS, as AWS's endpoints. Other keys, such as the source IP or resource tags,
    are unknown.
    """
    now = datetime.now(UTC)
    tags = () if role is None else role.tags
    return {
        "aws:CurrentTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(now.timestamp())),
        "aws:MultiFactorAuthPresent": "false",
        "aws:PrincipalAccount": ACCOUNT,
        "aws:PrincipalArn": session.role_arn,
        "aws:PrincipalIsAWSService": "false",
        "aws:PrincipalType": "AssumedRole",
        "aws:RequestedRegion": request_parameters.region(environ),
        "aws:SecureTransport": "true",
        "aws:userid": session.user_id,
        "aws:username": (),
        "aws:ViaAWSService": "false",
        **{f"aws:PrincipalTag/{tag['Key']}": tag["Value"] for tag in tags},
    }


def _is_preflight(environ: Environ) -> bool:
    """Whether it is a browser's preflight request (Fetch Standard, "CORS-preflight request").

    Preflight requests are never signed; the request after it is.
    """
    asks = "HTTP_ORIGIN" in environ and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
    return asks and environ["REQUEST_METHOD"] == "OPTIONS"


def _is_jwks(environ: Environ) -> bool:
    return environ["REQUEST_METHOD"] == "GET" and "/.well-known/" in environ["PATH_INFO"]
