"""A browser may ask the embedded AWS whether a page may ask it, also where IAM is enforced."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.kit import HANG
from verification.engine.aws.emulator import EmbeddedAws

pytestmark = pytest.mark.slow

ORIGIN = "http://127.0.0.1:5000"


@pytest.fixture(scope="module")
def world(empty_aws: EmbeddedAws) -> Iterator[EmbeddedAws]:
    """A world with IAM enforced."""
    with empty_aws.fork() as started:
        started.enforce()
        yield started


def ask(world: EmbeddedAws, method: str, headers: dict[str, str]) -> tuple[int, dict[str, str]]:
    """Status and headers of one unsigned request."""
    connection = HTTPConnection(urlsplit(world.endpoint).netloc, timeout=HANG)
    connection.request(method, "/", b"{}" if method == "POST" else None, headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status, {name.lower(): value for name, value in response.getheaders()}


def test_preflight_is_answered(world: EmbeddedAws) -> None:
    """It is never signed; the page's origin is let in."""
    wants = "content-type,x-amz-target"
    headers = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    status, told = ask(world, "OPTIONS", headers | {"Access-Control-Request-Headers": wants})
    assert status == 200
    assert told["access-control-allow-origin"] in ("*", ORIGIN)
    assert "x-amz-target" in told["access-control-allow-headers"].lower()


def test_what_follows_is_still_decided(world: EmbeddedAws) -> None:
    """An unsigned call is refused, whatever headers of a preflight it carries."""
    headers = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "X-Amz-Target": "DynamoDB_20120810.ListTables",
        "Content-Type": "application/x-amz-json-1.0",
    }
    assert ask(world, "POST", headers)[0] in (400, 403)


def test_options_alone_is_no_preflight(world: EmbeddedAws) -> None:
    """Without an origin nobody's browser asks."""
    assert ask(world, "OPTIONS", {})[0] == 403
