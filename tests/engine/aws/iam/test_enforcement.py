"""IAM in the embedded AWS: what a role may do, and how it is refused."""

from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.engine.aws.iam import kit as kit
from tests.engine.aws.iam.kit import (
    ITEM,
    PARAMETER,
    POLICY,
    TABLE,
    Keys,
    assume,
    client,
    document,
    refused,
)
from verification.engine.aws.emulator import EmbeddedAws

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def started(empty_aws: EmbeddedAws) -> Iterator[EmbeddedAws]:
    """A world in which IAM is enforced."""
    with empty_aws.fork() as world:
        kit.furnish(world)
        yield world


@pytest.fixture
def world(started: EmbeddedAws) -> Iterator[EmbeddedAws]:
    """A fork for each test, which inherits that IAM is enforced."""
    with started.fork() as fork:
        yield fork


def test_granted_is_allowed_and_the_rest_denied(world: EmbeddedAws) -> None:
    """A role does what its policy allows and nothing else, in AWS's own words."""
    dynamodb = client(world, "dynamodb")
    dynamodb.put_item(TableName="items", Item=ITEM)
    code, status, message = refused(dynamodb.put_item, TableName="others", Item=ITEM)
    assert (code, status) == ("AccessDeniedException", 400)
    assert message == (
        "User: arn:aws:sts::123456789012:assumed-role/backend/task is not authorized to perform: "
        f"dynamodb:PutItem on resource: {TABLE}others because no identity-based policy allows the "
        "dynamodb:PutItem action"
    )
    call = world.calls()[-1]
    assert (call.operation, call.status, call.error) == ("PutItem", 400, "AccessDeniedException")


def test_batches_and_transactions(world: EmbeddedAws) -> None:
    """One table, or one action of an item, that is not granted refuses the whole call."""
    dynamodb = client(world, "dynamodb")
    keys = {"Keys": [ITEM]}
    dynamodb.batch_get_item(RequestItems={"items": keys})
    both = {"items": keys, "others": keys}
    assert f"{TABLE}others" in refused(dynamodb.batch_get_item, RequestItems=both)[2]
    put: Keys = {"Put": {"TableName": "items", "Item": ITEM}}
    delete: Keys = {"Delete": {"TableName": "items", "Key": ITEM}}
    dynamodb.transact_write_items(TransactItems=[put])
    message = refused(dynamodb.transact_write_items, TransactItems=[put, delete])[2]
    assert "perform: dynamodb:DeleteItem" in message


def test_parameters(world: EmbeddedAws) -> None:
    """Each parameter is decided; what is below a path does not grant the path."""
    ssm = client(world, "ssm")
    assert ssm.get_parameter(Name="/app/dev/key")["Parameter"]["Value"] == "x"
    assert ssm.get_parameters_by_path(Path="/app/dev/")["Parameters"]
    assert refused(ssm.get_parameters, Names=["/app/dev/key", "/other"])[0] == (
        "AccessDeniedException"
    )
    message = refused(ssm.get_parameters_by_path, Path="/app/")[2]
    assert f"on resource: {PARAMETER}/app because" in message


def test_secrets_under_a_key_of_ones_own(world: EmbeddedAws) -> None:
    """AWS's own key needs no permission, another does; who decrypts nothing needs neither."""
    key = world.client("kms").create_key()["KeyMetadata"]["Arn"]
    for name, more in (("aws", {}), ("own", {"KeyId": key})):
        value = {"Name": f"/app/dev/{name}", "Value": "x", "Type": "SecureString"}
        world.client("ssm").put_parameter(**value, **more)
    ssm, both = client(world, "ssm"), ["/app/dev/aws", "/app/dev/own"]
    assert len(ssm.get_parameters(Names=both)["Parameters"]) == 2
    assert ssm.get_parameter(Name=both[0], WithDecryption=True)["Parameter"]["Value"] == "x"
    message = refused(ssm.get_parameters, Names=both, WithDecryption=True)[2]
    assert f"perform: kms:Decrypt on resource: {key} because" in message
    leave = document(("Allow", ["kms:Decrypt"], [key]))
    world.client("iam").put_role_policy(RoleName="backend", PolicyName="more", PolicyDocument=leave)
    assert len(ssm.get_parameters(Names=both, WithDecryption=True)["Parameters"]) == 2


def test_objects(world: EmbeddedAws) -> None:
    """Objects of S3 are decided by key; without leave to list, a missing one is denied as well."""
    s3 = client(world, "s3")
    assert s3.get_object(Bucket="uploads", Key="in/ä b")["Body"].read() == b"text"
    code, status, message = refused(s3.get_object, Bucket="uploads", Key="/out/ä b")
    assert (code, status) == ("AccessDenied", 403)
    assert 'on resource: "arn:aws:s3:::uploads//out/ä b" because' in message
    assert refused(s3.head_object, Bucket="uploads", Key="out")[:2] == ("403", 403)
    assert "perform: s3:ListBucket" in refused(s3.get_object, Bucket="uploads", Key="in/none")[2]
    assert refused(s3.list_objects_v2, Bucket="uploads")[0] == "AccessDenied"


@pytest.mark.parametrize(("key", "status"), [("in/ä b", 200), ("out", 403)])
def test_presigned(world: EmbeddedAws, key: str, status: int) -> None:
    """A presigned URL may do what its signer may."""
    s3 = client(world, "s3")
    url = urlsplit(s3.generate_presigned_url("get_object", {"Bucket": "uploads", "Key": key}))
    connection = HTTPConnection(str(url.hostname), int(url.port or 0))
    connection.request("GET", f"{url.path}?{url.query}")
    assert connection.getresponse().status == status
    connection.close()


@pytest.mark.parametrize(("headers", "status"), [({"If-None-Match": "*"}, 200), ({}, 403)])
def test_presigned_with_its_signed_headers(
    world: EmbeddedAws, headers: dict[str, str], status: int
) -> None:
    """A presigned URL is for a request with the headers that it signs; values are not compared."""
    s3 = client(world, "s3")
    signed = {"Bucket": "uploads", "Key": "in/new", "IfNoneMatch": "*"}
    url = urlsplit(s3.generate_presigned_url("put_object", signed))
    connection = HTTPConnection(str(url.hostname), int(url.port or 0))
    connection.request("PUT", f"{url.path}?{url.query}", b"text", headers)
    assert connection.getresponse().status == status
    connection.close()


def test_policies_are_read_as_they_are_now(world: EmbeddedAws) -> None:
    """Attaching, detaching and new versions count at once, also for sessions already there."""
    dynamodb, iam = client(world, "dynamodb"), world.client("iam")
    everything = document(("Allow", ["*"], ["*"]))
    iam.put_role_policy(RoleName="backend", PolicyName="more", PolicyDocument=everything)
    dynamodb.put_item(TableName="others", Item=ITEM)
    nothing = document(("Deny", ["dynamodb:*"], [TABLE + "o*"]))
    iam.create_policy_version(PolicyArn=POLICY, PolicyDocument=nothing, SetAsDefault=True)
    message = refused(dynamodb.put_item, TableName="others", Item=ITEM)[2]
    assert message.endswith("with an explicit deny in an identity-based policy")
    iam.delete_role_policy(RoleName="backend", PolicyName="more")
    iam.detach_role_policy(RoleName="backend", PolicyArn=POLICY)
    assert refused(dynamodb.put_item, TableName="items", Item=ITEM)[0] == "AccessDeniedException"


def test_boundary_and_session_policy(world: EmbeddedAws) -> None:
    """A boundary and a session policy limit the role, and are named by the refusal."""
    reading = document(("Allow", ["dynamodb:Get*"], ["*"]))
    session = client(world, "dynamodb", assume(world, Policy=reading))
    message = refused(session.put_item, TableName="items", Item=ITEM)[2]
    assert message.endswith("because no session policy allows the dynamodb:PutItem action")
    iam = world.client("iam")
    arn = iam.create_policy(PolicyName="limit", PolicyDocument=reading)["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="backend", PermissionsBoundary=arn)
    bounded = client(world, "dynamodb")
    message = refused(bounded.put_item, TableName="items", Item=ITEM)[2]
    assert message.endswith("because no permissions boundary allows the dynamodb:PutItem action")


def test_conditions_and_tags(world: EmbeddedAws) -> None:
    """Conditions on the principal are decided; on what the emulator cannot know, nobody can."""
    iam = world.client("iam")
    iam.tag_role(RoleName="backend", Tags=[{"Key": "team", "Value": "a"}])
    dynamodb = client(world, "dynamodb")

    def grant(operator: str, key: str, value: str) -> None:
        limited = document(("Allow", ["*"], ["*"]), Condition={operator: {key: value}})
        iam.put_role_policy(RoleName="backend", PolicyName="more", PolicyDocument=limited)

    grant("StringEquals", "aws:PrincipalTag/team", "b")
    assert refused(dynamodb.list_tables)[0] == "AccessDeniedException"
    grant("StringEquals", "aws:PrincipalTag/team", "a")
    dynamodb.list_tables()
    grant("IpAddress", "aws:SourceIp", "203.0.113.0/24")
    code, status, message = refused(dynamodb.list_tables)
    assert (code, status) == ("NotImplemented", 400)
    assert "cannot decide whether IAM allows dynamodb:ListTables: statement 1" in message
