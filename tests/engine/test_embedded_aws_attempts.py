"""An answer is hard to lose, and an SDK that lost one gets it again, not "already exists"."""

import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from verification.engine.embedded_aws import EmbeddedAws, Fault

SCOPE = "Credential=embedded/20260101/us-east-1/ec2/aws4_request"


@pytest.fixture(scope="module")
def world() -> Iterator[EmbeddedAws]:
    """One world for all tests here."""
    with EmbeddedAws.start() as started:
        yield started


def create_group(world: EmbeddedAws, name: str, invocation: str, attempt: int) -> tuple[int, str]:
    """Ask for a security group as an SDK does in one of its attempts."""
    connection = HTTPConnection(urlsplit(world.endpoint).netloc)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Authorization": f"AWS4-HMAC-SHA256 {SCOPE}, SignedHeaders=host, Signature=0",
        "amz-sdk-invocation-id": invocation,
        "amz-sdk-request": f"attempt={attempt}; max=25",
    }
    body = f"Action=CreateSecurityGroup&GroupName={name}&GroupDescription=x&Version=2016-11-15"
    connection.request("POST", "/", body, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_repeated_attempt_gets_the_same_answer(world: EmbeddedAws) -> None:
    """A second attempt of a call that was carried out is told what the first was told."""
    first = create_group(world, "lost", "one", 1)
    assert first[0] == 200
    assert create_group(world, "lost", "one", 2) == first


def test_another_call_is_carried_out(world: EmbeddedAws) -> None:
    """Another call for the same thing is refused as ever, and a first attempt always counts."""
    assert create_group(world, "twice", "two", 1)[0] == 200
    assert "InvalidGroup.Duplicate" in create_group(world, "twice", "three", 2)[1]
    assert "InvalidGroup.Duplicate" in create_group(world, "twice", "two", 1)[1]


def test_refused_attempt_is_not_remembered(world: EmbeddedAws) -> None:
    """After an injected fault, the second attempt is carried out."""
    world.inject(Fault("ec2", "CreateSecurityGroup", code="Unavailable", status=503, count=1))
    assert create_group(world, "refused", "four", 1)[0] == 503
    assert create_group(world, "refused", "four", 2)[0] == 200


def test_head_and_body_come_together(world: EmbeddedAws) -> None:
    """No answer can be half received: a client may close its connection after the head."""
    parts = urlsplit(world.endpoint)
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    head = f"POST / HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: {len(body)}\r\n"
    kind = "Content-Type: application/x-www-form-urlencoded\r\n"
    signed = f"Authorization: AWS4-HMAC-SHA256 {SCOPE.replace('ec2', 'sts')}, Signature=0\r\n\r\n"
    request = (head + kind + signed).encode() + body
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), 10) as client:
        for _ in range(200):
            client.sendall(request)
            received = client.recv(65536)
            assert received.startswith(b"HTTP/1.1 200 ")
            assert received.rstrip().endswith(b"</GetCallerIdentityResponse>")
