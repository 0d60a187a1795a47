"""An answer is hard to lose; Terraform gets one that it lost again, and nobody else does."""

import json
import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from verification.engine.aws.emulator import EmbeddedAws, Fault

pytestmark = pytest.mark.slow

SCOPE = "Credential=embedded/20260101/us-east-1/ec2/aws4_request"
# As the AWS provider 5.100.0 begins it.
TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.11.4 (+https://www.terraform.io)"
BOTO = "Boto3/1.40.0 md/Botocore#1.40.0"


@pytest.fixture(scope="module")
def world(empty_aws: EmbeddedAws) -> Iterator[EmbeddedAws]:
    """One world for all tests here."""
    with empty_aws.fork() as started:
        yield started


def attempt(
    world: EmbeddedAws, body: str, invocation: str, number: int, agent: str, **headers: str
) -> tuple[int, str]:
    """Make one attempt of a call, as an SDK does; gives the answer's status and text."""
    connection = HTTPConnection(urlsplit(world.endpoint).netloc)
    sent = {
        "User-Agent": agent,
        "amz-sdk-invocation-id": invocation,
        "amz-sdk-request": f"attempt={number}; max=25",
    }
    connection.request("POST", "/", body, sent | headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def create_group(
    world: EmbeddedAws, name: str, invocation: str, number: int, agent: str = TERRAFORM
) -> tuple[int, str]:
    """Ask for a security group in one attempt."""
    body = f"Action=CreateSecurityGroup&GroupName={name}&GroupDescription=x&Version=2016-11-15"
    signed = f"AWS4-HMAC-SHA256 {SCOPE}, SignedHeaders=host, Signature=0"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return attempt(world, body, invocation, number, agent, Authorization=signed, **kind)


def count(world: EmbeddedAws, invocation: str, number: int, agent: str) -> int:
    """Add one to an item in one attempt; gives what it then has."""
    body = {
        "TableName": "items",
        "Key": {"id": {"S": "a"}},
        "UpdateExpression": "ADD clicks :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
        "ReturnValues": "ALL_NEW",
    }
    scope = SCOPE.replace("ec2", "dynamodb")
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0",
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "DynamoDB_20120810.UpdateItem",
    }
    status, text = attempt(world, json.dumps(body), invocation, number, agent, **headers)
    assert status == 200
    return int(json.loads(text)["Attributes"]["clicks"]["N"])


def test_repeated_attempt_gets_the_same_answer(world: EmbeddedAws) -> None:
    """A second attempt of a call that was carried out is told what the first was told."""
    first = create_group(world, "lost", "one", 1)
    assert first[0] == 200
    assert create_group(world, "lost", "one", 2) == first


def test_only_terraform_gets_its_answer_again(world: EmbeddedAws) -> None:
    """Whoever else repeats a call has it carried out again, as on AWS."""
    assert create_group(world, "boto", "five", 1, BOTO)[0] == 200
    assert "InvalidGroup.Duplicate" in create_group(world, "boto", "five", 2, BOTO)[1]
    assert [call.attempt for call in world.calls()[-2:]] == [1, 2]


def test_lost_answer_is_given_to_terraform_again(world: EmbeddedAws) -> None:
    """Terraform that lost an answer on the way is told at its second attempt."""
    world.inject(Fault("ec2", "CreateSecurityGroup", lost=True, count=1))
    with pytest.raises(ConnectionError):
        create_group(world, "on-the-way", "six", 1)
    assert create_group(world, "on-the-way", "six", 2)[0] == 200


@pytest.mark.parametrize("agent", [TERRAFORM, BOTO], ids=["terraform", "boto3"])
def test_writes_of_items_are_always_carried_out(world: EmbeddedAws, agent: str) -> None:
    """DynamoDB knows no invocation id: a repeated write counts again, whoever sends it."""
    world.client("dynamodb").create_table(
        TableName="items",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    assert [count(world, "seven", number, agent) for number in (1, 2, 3)] == [1, 2, 3]
    world.client("dynamodb").delete_table(TableName="items")


def test_lost_answer_was_carried_out(world: EmbeddedAws) -> None:
    """The connection ends without an answer; the call was done, and the record says that."""
    topics = world.client("sns")
    world.inject(Fault("sns", "CreateTopic", lost=True, count=1))
    with pytest.raises(ConnectionClosedError):
        topics.create_topic(Name="lost")
    call = world.calls()[-1]
    assert (call.operation, call.status, call.lost) == ("CreateTopic", 200, True)
    assert [t["TopicArn"].rpartition(":")[2] for t in topics.list_topics()["Topics"]] == ["lost"]
    assert not world.calls()[-1].lost


def test_lost_refusal_is_lost_too(world: EmbeddedAws) -> None:
    """An answer is lost whatever it says, and only as often as was asked for."""
    tables = world.client("dynamodb")
    world.inject(Fault("dynamodb", "DescribeTable", lost=True, count=1))
    with pytest.raises(ConnectionClosedError):
        tables.describe_table(TableName="nowhere")
    assert world.calls()[-1].error == "ResourceNotFoundException"
    with pytest.raises(ClientError):
        tables.describe_table(TableName="nowhere")


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
