"""Which actions on which resources an API call needs."""

from typing import Any

import pytest

from verification.engine.aws.iam import Policies, Ruling, decide, needed
from verification.engine.errors import ToolError
from verification.model.ternary import Unknown

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/"
PARAMETER = "arn:aws:ssm:us-east-1:123456789012:parameter"
KEY = {"id": {"S": "1"}}
GET, PUT = {"Keys": [KEY]}, [{"PutRequest": {"Item": KEY}}]


def pairs(operation: str, body: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return action and resource of each request needed."""
    found = needed(operation, body, "123456789012", "us-east-1", "aws")
    return [(request.action, request.resource) for request in found]


KINDS = {"Put": "a", "Update": "b", "Delete": "c", "ConditionCheck": "d"}
DYNAMODB: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    ("GetItem", {"TableName": "a", "Key": KEY}, [("GetItem", "a")]),
    ("GetItem", {"TableName": TABLE + "a", "Key": KEY}, [("GetItem", "a")]),
    ("Query", {"TableName": "a", "IndexName": "i"}, [("Query", "a/index/i")]),
    ("Scan", {"TableName": "a", "IndexName": "i"}, [("Scan", "a/index/i")]),
    (
        "BatchGetItem",
        {"RequestItems": {"a": GET, "b": GET}},
        [("BatchGetItem", "a"), ("BatchGetItem", "b")],
    ),
    (
        "BatchWriteItem",
        {"RequestItems": {"a": PUT, TABLE + "b": PUT}},
        [("BatchWriteItem", "a"), ("BatchWriteItem", "b")],
    ),
    (
        "TransactGetItems",
        {"TransactItems": [{"Get": {"TableName": t, "Key": KEY}} for t in "aba"]},
        [("GetItem", "a"), ("GetItem", "b")],
    ),
    (
        "TransactWriteItems",
        {"TransactItems": [{kind: {"TableName": table}} for kind, table in KINDS.items()]},
        [("PutItem", "a"), ("UpdateItem", "b"), ("DeleteItem", "c"), ("ConditionCheckItem", "d")],
    ),
    ("TagResource", {"ResourceArn": TABLE + "a", "Tags": []}, [("TagResource", "a")]),
    (
        "ExecuteStatement",
        {"Statement": 'SELECT * FROM "a"."i" WHERE x = 1'},
        [("PartiQLSelect", "a/index/i")],
    ),
    (
        "ExecuteTransaction",
        {
            "TransactStatements": [
                {"Statement": "UPDATE a SET x = ' FROM b'"},
                {"Statement": "INSERT INTO \"b\" VALUE {'id': '1'}"},
                {"Statement": "DELETE FROM c WHERE id = '1'"},
            ]
        },
        [("PartiQLUpdate", "a"), ("PartiQLInsert", "b"), ("PartiQLDelete", "c")],
    ),
]


@pytest.mark.parametrize(("name", "body", "expected"), DYNAMODB, ids=[c[0] for c in DYNAMODB])
def test_dynamodb(name: str, body: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """Batches need their action on each table, transactions the action of each item."""
    whole = [(f"dynamodb:{action}", TABLE + path) for action, path in expected]
    assert pairs(f"dynamodb:{name}", body) == whole


SSM: list[tuple[str, dict[str, Any], list[str]]] = [
    ("GetParameter", {"Name": "/app/dev/key"}, ["/app/dev/key"]),
    ("GetParameter", {"Name": "key:3"}, ["/key"]),
    ("GetParameter", {"Name": f"{PARAMETER}/app/key"}, ["/app/key"]),
    ("GetParameters", {"Names": ["/a:label", "/b"]}, ["/a", "/b"]),
    ("GetParametersByPath", {"Path": "/app/dev/"}, ["/app/dev"]),
    ("GetParametersByPath", {"Path": "/app/dev"}, ["/app/dev"]),
    ("GetParametersByPath", {"Path": "/"}, ["/"]),
    ("AddTagsToResource", {"ResourceType": "Parameter", "ResourceId": "/a"}, ["/a"]),
]


@pytest.mark.parametrize(("name", "body", "paths"), SSM)
def test_ssm(name: str, body: dict[str, Any], paths: list[str]) -> None:
    """Each parameter is decided on its own, a path as the path itself."""
    assert pairs(f"ssm:{name}", body) == [(f"ssm:{name}", PARAMETER + path) for path in paths]


def test_path_is_not_what_is_below_it() -> None:
    """A grant on what is below a path does not allow to list the path, as users of AWS report."""
    (request,) = needed(
        "ssm:GetParametersByPath", {"Path": "/app/dev/"}, "123456789012", "us-east-1"
    )
    below, both = f"{PARAMETER}/app/dev/*", [f"{PARAMETER}/app/dev", f"{PARAMETER}/app/dev/*"]
    allow = {"Effect": "Allow", "Action": "ssm:*"}
    verdicts = [
        decide(Policies(({"Statement": allow | {"Resource": resource}},)), request).verdict
        for resource in (below, both)
    ]
    assert verdicts == [Ruling.DENIED, Ruling.ALLOWED]


OBJECT: dict[str, Any] = {"Bucket": "b", "Key": "k/x"}
S3: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    ("GetObject", OBJECT, [("GetObject", "b/k/x")]),
    ("GetObject", OBJECT | {"VersionId": "1"}, [("GetObjectVersion", "b/k/x")]),
    ("HeadObject", OBJECT, [("GetObject", "b/k/x")]),
    (
        "PutObject",
        OBJECT | {"Tagging": "a=b"},
        [("PutObject", "b/k/x"), ("PutObjectTagging", "b/k/x")],
    ),
    ("UploadPart", OBJECT, [("PutObject", "b/k/x")]),
    ("CopyObject", OBJECT | {"CopySource": "/c/y"}, [("PutObject", "b/k/x"), ("GetObject", "c/y")]),
    (
        "DeleteObjects",
        {"Bucket": "b", "Delete": {"Objects": [{"Key": "x"}, {"Key": "y", "VersionId": "1"}]}},
        [("DeleteObject", "b/x"), ("DeleteObjectVersion", "b/y")],
    ),
    ("ListObjectsV2", {"Bucket": "b", "Prefix": "k/"}, [("ListBucket", "b")]),
    ("GetBucketEncryption", {"Bucket": "b"}, [("GetEncryptionConfiguration", "b")]),
]


@pytest.mark.parametrize(("name", "body", "expected"), S3)
def test_s3(name: str, body: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """Operations of S3 need the actions that its guide lists, on object or bucket."""
    whole = [(f"s3:{action}", f"arn:aws:s3:::{path}") for action, path in expected]
    assert pairs(f"s3:{name}", body) == whole


def test_others() -> None:
    """What is not understood needs the operation itself, on the resources given or on all."""
    assert pairs("dynamodb:ListTables", {}) == [("dynamodb:ListTables", "*")]
    assert pairs("s3:ListBuckets", {}) == [("s3:ListAllMyBuckets", "*")]
    (request,) = needed("ecs:ListTasks", {}, "1", "us-east-1", resources=(Unknown("task"),))
    assert (request.action, request.resource) == ("ecs:ListTasks", Unknown("task"))
    logs = {"logGroupName": "/ecs/web", "logStreamName": "web/1"}
    ((_, resource),) = pairs("logs:PutLogEvents", logs)
    assert resource.endswith(":log-group:/ecs/web:log-stream:web/1")
    ((_, resource),) = pairs("ecr:BatchGetImage", {"repositoryName": "web"})
    assert resource == "arn:aws:ecr:us-east-1:123456789012:repository/web"
    assert pairs("ecr:GetAuthorizationToken", {}) == [("ecr:GetAuthorizationToken", "*")]


def test_partition_and_region() -> None:
    """ARNs are of the partition, region and account called."""
    (request,) = needed("dynamodb:GetItem", {"TableName": "a"}, "1", "cn-north-1", "aws-cn")
    assert request.resource == "arn:aws-cn:dynamodb:cn-north-1:1:table/a"


def test_contexts() -> None:
    """Parameters settle condition keys; the other keys are unknown and not absent."""
    body = {"TableName": "a", "Select": "COUNT"}
    (request,) = needed("dynamodb:Query", body, "1", "us-east-1")
    assert request.value("dynamodb:select") == "COUNT"
    assert request.value("dynamodb:EnclosingOperation") == ()
    assert isinstance(request.value("aws:SourceIp"), Unknown)


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("GetItem", {}),
        ("dynamodb:TransactGetItems", {"TransactItems": [{"Get": {}}]}),
        ("dynamodb:ExecuteStatement", {"Statement": "DROP TABLE x"}),
        ("ssm:GetParametersByPath", {}),
    ],
)
def test_unreadable_call(operation: str, body: dict[str, Any]) -> None:
    """A call whose resource cannot be told is an error and not a call on nothing."""
    with pytest.raises(ToolError):
        needed(operation, body, "1", "us-east-1")
