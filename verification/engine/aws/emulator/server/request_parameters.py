"""The parameters of a request, with boto3's names."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote
from xml.etree import ElementTree

from verification.engine.aws.emulator.protocol import REGION
from verification.engine.aws.emulator.server.aws_request import AwsRequest, Environ
from verification.engine.errors import ToolError

_SCOPE = re.compile(r"/\d{8}/([^/]+)/[^/]+/aws4_request")
_HOST = re.compile(r"(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?")
_S3_QUERY = {
    "versionId": "VersionId",
    "prefix": "Prefix",
    "delimiter": "Delimiter",
    "max-keys": "MaxKeys",
}
_S3_HEADERS = {
    "HTTP_X_AMZ_COPY_SOURCE": "CopySource",
    "HTTP_X_AMZ_TAGGING": "Tagging",
    "HTTP_X_AMZ_ACL": "ACL",
}


def query(environ: Environ) -> dict[str, str]:
    """Return the parameters in the URL."""
    return dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))


def has_signed_headers(environ: Environ) -> bool:
    """Whether a request has every header that its presigned URL says is signed.

    AWS calculates the signature with their values, so a request without one of them has another.
    (Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters",
    https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html)
    """
    names = query(environ).get("X-Amz-SignedHeaders", "").upper().replace("-", "_").split(";")
    return all(name in environ or f"HTTP_{name}" in environ for name in names if name)


def region(environ: Environ) -> str:
    """Return the region of the request's signature, in its header or URL."""
    signed = environ.get("HTTP_AUTHORIZATION") or unquote(environ.get("QUERY_STRING", ""))
    found = _SCOPE.search(signed)
    return found[1] if found else REGION


def read(environ: Environ, body: bytes, request: AwsRequest) -> dict[str, Any]:
    """Return the parameters that can name the resources of a call.

    ToolError if they cannot be parsed. Of REST services only S3 is supported; others return none.
    """
    try:
        if request.service == "s3":
            return dict(_of_s3(environ, body, request))
        if request.protocol in ("query", "ec2"):
            return dict(parse_qsl(body.decode(), keep_blank_values=True)) or query(environ)
        if "HTTP_X_AMZ_TARGET" in environ:
            parameters: dict[str, Any] = json.loads(body or b"{}")
            return parameters
    except (ValueError, ElementTree.ParseError) as reason:
        raise ToolError(f"its parameters cannot be parsed: {reason}") from reason
    return {}


def _of_s3(environ: Environ, body: bytes, request: AwsRequest) -> Iterator[tuple[str, Any]]:
    """Yield the parameters of S3; the bucket must be in the path, not in the host name."""
    if not _HOST.fullmatch(environ.get("HTTP_HOST", "")):
        raise ToolError(
            f"the bucket is in the host {environ.get('HTTP_HOST')}; expected it in the path"
        )
    # WSGI decodes the path as latin-1; a key may begin with a slash.
    path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
    bucket, _, key = path.removeprefix("/").partition("/")
    yield from ((name, value) for name, value in (("Bucket", bucket), ("Key", key)) if value)
    given = query(environ)
    yield from ((name, given[part]) for part, name in _S3_QUERY.items() if part in given)
    for header, name in _S3_HEADERS.items():
        if header in environ:
            yield name, unquote(environ[header])
    if request.operation == "DeleteObjects":
        yield "Delete", {"Objects": list(_deleted(body))}


def _deleted(body: bytes) -> Iterator[dict[str, str]]:
    for element in ElementTree.fromstring(body):
        if element.tag.endswith("Object"):
            parts = {part.tag.rpartition("}")[2]: part.text or "" for part in element}
            yield {name: parts[name] for name in ("Key", "VersionId") if name in parts}
