"""Parsing of AWS requests: service, operation, caller and resources."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from moto.core.request import Request as MotoRequest
from moto.core.routing import get_service_router

from verification.engine.aws.emulator.protocol import ACCOUNT, REGION

Environ = dict[str, Any]

_SCOPE = re.compile(r"Credential=([^/,]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
_ATTEMPT = re.compile(r"attempt=(\d+)")
# Services whose signing name differs from their IAM prefix.
_IAM_PREFIX = {"monitoring": "cloudwatch"}
_UNSIGNED = {"AWSCognitoIdentityProviderService": "cognito-idp"}
_REST_XML = {"s3": "s3", "s3control": "query", "cloudfront": "query", "route53": "query"}


@dataclass(frozen=True)
class AwsRequest:
    """A parsed request; `protocol` is the format of its errors.

    `key` has the values in the key of the one DynamoDB item that is asked for, if one is.
    `attempt` is the SDK's own count of how often it sent the request, 1 if it does not say.
    """

    access_key: str
    service: str
    operation: str
    resources: tuple[str, ...]
    key: tuple[str, ...]
    protocol: str
    head: bool
    attempt: int


def read(environ: Environ, body: bytes) -> AwsRequest:
    """Parse the request in this WSGI environment; never fails."""
    access_key, region, signer = _signature(environ)
    service = _IAM_PREFIX.get(signer, signer)
    form = _form(environ, body)
    return AwsRequest(
        access_key=access_key,
        service=service,
        operation=_operation(environ, form, signer),
        resources=tuple(sorted(set(_resources(service, region, environ, body)))) or ("*",),
        key=_key(service, body),
        protocol=_protocol(environ, form, service),
        head=environ["REQUEST_METHOD"] == "HEAD",
        attempt=_attempt(environ),
    )


def _key(service: str, body: bytes) -> tuple[str, ...]:
    try:
        key = json.loads(body)["Key"] if service == "dynamodb" else {}
        return tuple(str(value) for attribute in key.values() for value in attribute.values())
    except (ValueError, LookupError, TypeError, AttributeError):
        return ()


def _attempt(environ: Environ) -> int:
    found = _ATTEMPT.search(environ.get("HTTP_AMZ_SDK_REQUEST", ""))
    return int(found[1]) if found else 1


def _signature(environ: Environ) -> tuple[str, str, str]:
    """Return access key, region and signing name, from the header or from a presigned URL."""
    if environ["REQUEST_METHOD"] == "OPTIONS":
        # A browser's question before it uses a presigned URL: IAM has no say in it.
        return "-", REGION, "s3"
    text = environ.get("HTTP_AUTHORIZATION") or unquote(
        environ.get("QUERY_STRING", "").replace("X-Amz-Credential=", "Credential=")
    )
    if found := _SCOPE.search(text):
        return found[1], found[2], found[3]
    prefix = environ.get("HTTP_X_AMZ_TARGET", "").split(".")[0]
    if "/.well-known/" in environ["PATH_INFO"]:
        return "-", REGION, "cognito-idp"
    return "-", REGION, _UNSIGNED.get(prefix, "s3")


def _form(environ: Environ, body: bytes) -> dict[str, list[str]]:
    """Return the parameters of the query protocol, from the body or the URL."""
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return parse_qs(body.decode(errors="replace"))
    query = environ.get("QUERY_STRING", "")
    return parse_qs(query) if "Action=" in query else {}


def _operation(environ: Environ, form: dict[str, list[str]], signer: str) -> str:
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return str(target).rsplit(".", 1)[-1]
    if "HTTP_SMITHY_PROTOCOL" in environ:
        return str(environ["PATH_INFO"]).rsplit("/", 1)[-1]
    if "Action" in form:
        return form["Action"][0]
    try:
        return str(get_service_router(signer).match(MotoRequest(environ.copy()))[0].name)
    except Exception:  # Unknown service or path: record the request itself.
        return f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"


def _protocol(environ: Environ, form: dict[str, list[str]], service: str) -> str:
    if "HTTP_SMITHY_PROTOCOL" in environ:
        return "cbor"
    if "HTTP_X_AMZ_TARGET" in environ:
        return "json"
    if "Action" in form:
        return "ec2" if service == "ec2" else "query"
    return _REST_XML.get(service, "json")


def _resources(service: str, region: str, environ: Environ, body: bytes) -> Iterator[str]:
    finders = {"dynamodb": _tables, "ssm": _parameters}
    if service not in finders or "HTTP_X_AMZ_TARGET" not in environ:
        return
    try:
        parameters = json.loads(body or b"{}")
    except ValueError:
        return
    kind = {"dynamodb": "table/", "ssm": "parameter/"}[service]
    for name in finders[service](parameters):
        known = name.startswith("arn:")
        path = f"arn:aws:{service}:{region}:{ACCOUNT}:{kind}{name.lstrip('/')}"
        yield name if known else path


def _tables(parameters: dict[str, Any]) -> Iterator[str]:
    """Yield table, index and backup names or ARNs; for batches and transactions, each table."""
    yield from parameters.get("RequestItems", {})
    for item in parameters.get("TransactItems", ()):
        yield from (action["TableName"] for action in item.values())
    for key in ("ResourceArn", "BackupArn", "SourceTableName", "TargetTableName", "StreamArn"):
        if key in parameters:
            yield parameters[key]
    if "TableName" in parameters:
        index = parameters.get("IndexName")
        yield parameters["TableName"] + (f"/index/{index}" if index else "")


def _parameters(parameters: dict[str, Any]) -> Iterator[str]:
    yield from parameters.get("Names", ())
    for key in ("Name", "Path"):
        if key in parameters:
            yield parameters[key]
    if parameters.get("ResourceType") == "Parameter":
        yield parameters["ResourceId"]
