"""IAM in the embedded AWS: who is limited, who is not, and who is nobody."""

from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from botocore import UNSIGNED

from tests.engine.aws.iam import kit as kit
from tests.engine.aws.iam.kit import ITEM, ROLE, assume, client, document, refused
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.smoke.call_recording import Recording

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


def test_unknown_keys_are_refused(world: EmbeddedAws) -> None:
    """Keys that nobody has, and a session's keys without its token, are refused."""
    lost = assume(world) | {"SessionToken": None}
    for keys in ({}, lost):
        assert refused(client(world, "dynamodb", keys).list_tables)[:2] == (
            "UnrecognizedClientException",
            400,
        )
        assert refused(client(world, "sts", keys).get_caller_identity)[:2] == (
            "InvalidClientTokenId",
            403,
        )
        assert refused(client(world, "s3", keys).list_buckets)[:2] == ("InvalidAccessKeyId", 403)


def test_the_record_says_what_was_asked(world: EmbeddedAws) -> None:
    """Role, action and resource of every call of a role, also of one that is refused."""
    tables = client(world, "dynamodb")
    tables.put_item(TableName="items", Item=ITEM)
    refused(tables.scan, TableName="others")
    client(world, "s3").get_object(Bucket="uploads", Key="in/\u00e4 b")
    world.client("dynamodb").scan(TableName="items")
    asked = [call.asked for call in world.calls() if call.service in ("dynamodb", "s3")]
    assert asked == [
        ((ROLE, "dynamodb:PutItem", kit.TABLE + "items"),),
        ((ROLE, "dynamodb:Scan", kit.TABLE + "others"),),
        ((ROLE, "s3:GetObject", "arn:aws:s3:::uploads/in/\u00e4 b"),),
        (),
    ]
    recording = Recording()
    recording.add("dev", world.calls())
    recording.add("dev", world.calls())
    assert [need.action for need in recording.of("dev", {ROLE})] == [
        "dynamodb:PutItem",
        "dynamodb:Scan",
        "s3:GetObject",
    ]
    assert recording.of("prod", {ROLE}) == ()
    assert recording.of("dev", {f"{ROLE}-execution"}) == ()


def test_expired_session(world: EmbeddedAws) -> None:
    """A session that is over is refused as expired."""
    own = {"AccessKeyId": "embedded", "SecretAccessKey": "embedded"}
    sts = client(world, "sts", own, parameter_validation=False)
    over = sts.assume_role(RoleArn=ROLE, RoleSessionName="task", DurationSeconds=-1)["Credentials"]
    assert refused(client(world, "dynamodb", over).list_tables)[0] == "ExpiredTokenException"
    assert refused(client(world, "sts", over).get_caller_identity)[:2] == ("ExpiredToken", 403)


def test_resource_that_nobody_read(world: EmbeddedAws) -> None:
    """Where the emulator cannot tell the resource, a Deny on one is not silently passed over."""
    mixed = document(("Allow", ["iam:*"], ["*"]), ("Deny", ["iam:GetRole"], [ROLE]))
    world.client("iam").put_role_policy(RoleName="backend", PolicyName="more", PolicyDocument=mixed)
    iam = client(world, "iam")
    iam.list_roles()
    code, _, message = refused(iam.get_role, RoleName="backend")
    assert code == "NotImplemented"
    assert "statement 2 of identity-based policy 2 may deny iam:GetRole" in message


def test_what_needs_no_permission(world: EmbeddedAws) -> None:
    """The administrator, GetCallerIdentity and Cognito's public calls are never limited."""
    world.client("dynamodb").put_item(TableName="others", Item=ITEM)
    arn = client(world, "sts").get_caller_identity()["Arn"]
    assert arn == "arn:aws:sts::123456789012:assumed-role/backend/task"
    cognito = world.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
    app = cognito.create_user_pool_client(UserPoolId=pool, ClientName="web")["UserPoolClient"]
    unsigned = client(world, "cognito-idp", {}, signature_version=UNSIGNED)
    unsigned.sign_up(ClientId=app["ClientId"], Username="a@b.c", Password="Aa1!aaaaaa")
    connection = HTTPConnection(str(urlsplit(world.endpoint).netloc))
    connection.request("GET", f"/{pool}/.well-known/jwks.json")
    assert connection.getresponse().status == 200
    connection.close()


def test_other_protocols_and_unsigned_calls(world: EmbeddedAws) -> None:
    """Refusals come in the protocol of the service; nobody reads a bucket unsigned."""
    assert refused(client(world, "iam").list_roles)[:2] == ("AccessDenied", 403)
    assert refused(client(world, "ec2").describe_vpcs)[:2] == ("UnauthorizedOperation", 403)
    assert refused(client(world, "cloudwatch").list_metrics)[0] == "AccessDeniedException"
    unsigned = client(world, "s3", {}, signature_version=UNSIGNED)
    assert refused(unsigned.get_object, Bucket="uploads", Key="in/ä b")[0] == "AccessDenied"


def test_broken_policy_is_no_permission(world: EmbeddedAws) -> None:
    """A session policy that AWS would refuse lets nothing through, and says what is wrong."""
    dynamodb = client(world, "dynamodb", assume(world, Policy='{"Statement": [{"Effect": "X"}]}'))
    code, _, message = refused(dynamodb.put_item, TableName="items", Item=ITEM)
    assert code == "NotImplemented"
    assert "statement 1 of session policy" in message


def test_switching_off(world: EmbeddedAws) -> None:
    """Switched off, whoever asks may do everything."""
    world.enforce(on=False)
    client(world, "dynamodb").put_item(TableName="others", Item=ITEM)
    client(world, "dynamodb", {}).list_tables()
