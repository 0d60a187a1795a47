"""What the embedded AWS answers to calls, keeps of them, and spoils on demand."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError

from verification.engine.aws.emulator import EmbeddedAws, Fault
from verification.engine.aws.emulator.protocol import Call
from verification.engine.aws.emulator.server.call_log import Recorder
from verification.engine.errors import ToolError
from verification.engine.smoke.http_session import fetch

pytestmark = pytest.mark.slow

ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/"
CROWD = 50
KEYS = {
    "region_name": "us-east-1",
    "aws_access_key_id": "embedded",
    "aws_secret_access_key": "embedded",
}


@pytest.fixture(scope="module")
def world(empty_aws: EmbeddedAws) -> Iterator[EmbeddedAws]:
    """A world that the tests of this file share."""
    with empty_aws.fork() as started:
        for name in ("items", "others"):
            started.client("dynamodb").create_table(
                TableName=name,
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
        yield started


@pytest.fixture(autouse=True)
def _no_faults(world: EmbeddedAws) -> Iterator[None]:
    yield
    world.clear_faults()


def put(world: EmbeddedAws, key: str, **more: Any) -> None:
    """Put an item with this key."""
    world.client("dynamodb").put_item(TableName="items", Item={"id": {"S": key}}, **more)


def code_of(call: Callable[[], object]) -> str:
    """Return the error code that boto3 sees when the call fails."""
    with pytest.raises(ClientError) as caught:
        call()
    code: str = caught.value.response["Error"]["Code"]
    return code


def last(world: EmbeddedAws) -> Call:
    """Return the last call recorded."""
    return world.calls()[-1]


def winners(attempt: Callable[[], object]) -> int:
    """Count how many of a crowd that starts at once succeed; the others must be refused."""
    barrier = Barrier(CROWD)

    def run(_: int) -> bool:
        barrier.wait()
        try:
            attempt()
        except ClientError as error:
            if "Condition" in str(error):
                return False
            raise
        return True

    with ThreadPoolExecutor(CROWD) as pool:
        return sum(pool.map(run, range(CROWD)))


def test_one_conditional_put_wins(world: EmbeddedAws) -> None:
    """Of many puts that demand a new key, exactly one succeeds."""
    condition = {"ConditionExpression": "attribute_not_exists(id)"}
    assert winners(lambda: put(world, "race", **condition)) == 1


@pytest.mark.parametrize("turn", range(4))
def test_one_transaction_wins(world: EmbeddedAws, turn: int) -> None:
    """Of many transactions that demand a new key, exactly one succeeds."""
    item = {"TableName": "items", "Item": {"id": {"S": f"transaction-{turn}"}}}
    write = item | {"ConditionExpression": "attribute_not_exists(id)"}
    client = world.client("dynamodb")
    assert winners(lambda: client.transact_write_items(TransactItems=[{"Put": write}])) == 1


def test_call_is_recorded(world: EmbeddedAws) -> None:
    """A call leaves who asked for what on which table, and how it ended."""
    before = last(world).sequence
    put(world, "recorded")
    (call,) = world.calls(since=before)
    assert (call.sequence, call.access_key) == (before + 1, "embedded")
    assert (call.service, call.operation) == ("dynamodb", "PutItem")
    assert (call.resources, call.status, call.error) == ((ARN + "items",), 200, None)
    assert call.duration_ms > 0


def test_batches_name_every_table(world: EmbeddedAws) -> None:
    """A call on several tables is recorded with each of them."""
    puts = {name: {"Item": {"id": {"S": name}}} for name in ("others", "items")}
    requests = {name: [{"PutRequest": put}] for name, put in puts.items()}
    world.client("dynamodb").batch_write_item(RequestItems=requests)
    assert last(world).resources == (ARN + "items", ARN + "others")


def test_index_and_parameter_are_resources(world: EmbeddedAws) -> None:
    """An index and a parameter are recorded as IAM names them, failed calls with their error."""
    client = world.client("dynamodb")
    query = {"TableName": "items", "IndexName": "by_user", "KeyConditionExpression": "u = :u"}
    values = {":u": {"S": "u"}}
    assert code_of(lambda: client.query(**query, ExpressionAttributeValues=values))
    assert last(world).resources == (ARN + "items/index/by_user",)
    code_of(lambda: world.client("ssm").get_parameter(Name="/app/dev/key"))
    assert last(world).error == "ParameterNotFound"
    assert last(world).resources == ("arn:aws:ssm:us-east-1:123456789012:parameter/app/dev/key",)


@pytest.mark.parametrize(
    ("service", "call", "recorded"),
    [
        ("s3", lambda client: client.list_buckets(), "s3:ListBuckets"),
        ("iam", lambda client: client.list_roles(), "iam:ListRoles"),
        ("cloudwatch", lambda client: client.describe_alarms(), "cloudwatch:DescribeAlarms"),
        ("backup", lambda client: client.list_backup_vaults(), "backup:ListBackupVaults"),
        (
            "elbv2",
            lambda client: client.describe_ssl_policies(),
            "elasticloadbalancing:DescribeSSLPolicies",
        ),
    ],
)
def test_every_protocol_is_recorded(
    world: EmbeddedAws, service: str, call: Callable[[Any], object], recorded: str
) -> None:
    """The operation is known by its name whatever protocol the service speaks."""
    call(world.client(service))
    assert f"{last(world).service}:{last(world).operation}" == recorded
    assert last(world).status == 200


def test_forgotten_calls_are_not_passed_over() -> None:
    """The record is bounded, and says how many of the calls asked for it no longer has."""
    recorder = Recorder(limit=2)
    for _ in range(3):
        recorder.add(lambda number: Call(number, 0, "", "", "", (), 200, None, 0))
    assert [call["sequence"] for call in recorder.since(0)["calls"]] == [2, 3]
    assert [recorder.since(number)["forgotten"] for number in (0, 1, 3)] == [1, 0, 0]


def test_record_has_a_call_that_was_given_up(world: EmbeddedAws) -> None:
    """A call whose caller waits no longer is carried out, and the record waits for it."""
    impatient = Config(read_timeout=0.2, retries={"total_max_attempts": 1})
    client = boto3.client("dynamodb", endpoint_url=world.endpoint, config=impatient, **KEYS)
    before = last(world).sequence
    world.inject(Fault("dynamodb", "PutItem", code=None, delay_ms=1000, count=1))
    with pytest.raises(ReadTimeoutError):
        client.put_item(TableName="items", Item={"id": {"S": "given up"}})
    (call,) = world.calls(since=before)
    assert (call.operation, call.status) == ("PutItem", 200)
    assert call.duration_ms >= 1000


def test_counted_fault(world: EmbeddedAws) -> None:
    """A counted throttling reaches boto3 under its name, so often, and then no more."""
    world.inject(Fault("dynamodb", "PutItem", "items", code="ThrottlingException", count=2))
    codes = [code_of(lambda: put(world, "fault")) for _ in range(2)]
    put(world, "fault")
    assert codes == ["ThrottlingException"] * 2
    assert [call.error for call in world.calls()[-3:]] == [*codes, None]


def test_fault_spoils_only_what_it_describes(world: EmbeddedAws) -> None:
    """Another operation and another table are answered truly."""
    world.inject(Fault("dynamodb", "PutItem", "others"))
    world.inject(Fault("dynamodb", "DeleteItem", "items"))
    put(world, "unspoilt")


def test_preflight_of_a_presigned_url_is_nobodys_call(world: EmbeddedAws) -> None:
    """A browser asks by OPTIONS before it uses a presigned URL; IAM has no say in that."""
    client = world.client("s3")
    client.create_bucket(Bucket="files")
    rule = {"AllowedMethods": ["PUT"], "AllowedOrigins": ["http://page.example"]}
    client.put_bucket_cors(Bucket="files", CORSConfiguration={"CORSRules": [rule]})
    as_the_backend = Config(signature_version="s3v4", s3={"addressing_style": "path"})
    signer = boto3.client("s3", endpoint_url=world.endpoint, config=as_the_backend, **KEYS)
    url = signer.generate_presigned_url("put_object", Params={"Bucket": "files", "Key": "a"})
    headers = {"Origin": "http://page.example", "Access-Control-Request-Method": "PUT"}
    answer = fetch("OPTIONS", url, b"", headers)
    assert (answer.status, last(world).access_key) == (200, "-")
    assert fetch("PUT", url, b"content", {}).status == 200
    assert last(world).access_key == KEYS["aws_access_key_id"]


def test_fault_of_one_key(world: EmbeddedAws) -> None:
    """One item's calls are spoiled, those of its neighbour and those without a key are not."""
    world.inject(Fault("dynamodb", "GetItem", "items", key="hot"))
    client = world.client("dynamodb")
    hot, cold = ({"id": {"S": key}} for key in ("hot", "cold"))
    code = code_of(lambda: client.get_item(TableName="items", Key=hot))
    assert code == "ThrottlingException"
    assert "Item" not in client.get_item(TableName="items", Key=cold)
    put(world, "hot")


def test_faults_are_cleared(world: EmbeddedAws) -> None:
    """An uncounted fault lasts until it is cleared."""
    world.inject(Fault("dynamodb", code="InternalServerError", status=500))
    assert {code_of(lambda: put(world, "x")) for _ in range(3)} == {"InternalServerError"}
    world.clear_faults()
    put(world, "x")


@pytest.mark.parametrize(
    ("service", "call"),
    [
        ("s3", lambda client: client.list_buckets()),
        ("iam", lambda client: client.list_roles()),
        ("ec2", lambda client: client.describe_vpcs()),
        ("cloudwatch", lambda client: client.describe_alarms()),
        ("backup", lambda client: client.list_backup_vaults()),
    ],
)
def test_fault_in_every_protocol(
    world: EmbeddedAws, service: str, call: Callable[[Any], object]
) -> None:
    """A fault is written so that the SDK reads its code, whatever protocol the service speaks."""
    world.inject(Fault(service, code="Throttled"))
    assert code_of(lambda: call(world.client(service))) == "Throttled"


def test_delay(world: EmbeddedAws) -> None:
    """A fault without a code only makes the call slow."""
    world.inject(Fault("dynamodb", code=None, delay_ms=200, count=1))
    put(world, "slow")
    assert last(world).duration_ms >= 200


@pytest.mark.parametrize(
    ("service", "call", "name"),
    [
        ("gamelift", lambda c: c.list_builds(), "gamelift:ListBuilds"),
        (
            "dynamodb",
            lambda c: c.describe_contributor_insights(TableName="items"),
            "dynamodb:DescribeContributorInsights",
        ),
        ("backup", lambda c: c.list_frameworks(), "backup:ListFrameworks"),
        ("cloudwatch", lambda c: c.describe_alarm_history(), "cloudwatch:DescribeAlarmHistory"),
        ("ec2", lambda c: c.describe_fpga_images(), "ec2:DescribeFpgaImages"),
    ],
)
def test_not_implemented_is_said_at_once(
    world: EmbeddedAws, service: str, call: Callable[[Any], object], name: str
) -> None:
    """What the emulator lacks is refused under its name, so that no SDK retries it."""
    client = world.client(service)
    with pytest.raises(ClientError, match=f"does not implement {name}") as caught:
        call(client)
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0
    assert caught.value.response["Error"]["Code"] == "NotImplemented"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_crash_is_an_error_that_can_be_read(world: EmbeddedAws) -> None:
    """When moto itself fails the caller gets an AWS error, and the log where it failed."""
    call = world.client("dynamodb").export_table_to_point_in_time
    assert code_of(lambda: call(TableArn=ARN + "items", S3Bucket="nowhere")) == "InternalFailure"
    assert "Traceback" in world.log.read_text()


def test_unknown_control_is_refused(world: EmbeddedAws) -> None:
    """Driving the emulator in a way it does not know is an error, not silence."""
    with pytest.raises(ToolError, match="no such control"):
        world._control("GET", "nothing")
