"""A role in the embedded AWS, and what its calls are answered."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from verification.engine.aws.emulator import EmbeddedAws

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/"
PARAMETER = "arn:aws:ssm:us-east-1:123456789012:parameter"
ROLE = "arn:aws:iam::123456789012:role/backend"
POLICY = "arn:aws:iam::123456789012:policy/backend"
TRUST = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        "Action": "sts:AssumeRole",
    },
}
ITEM = {"id": {"S": "1"}}
Keys = dict[str, Any]


def document(*statements: tuple[str, list[str], list[str]], **more: Any) -> str:
    """Return a policy in JSON of effect, actions and resources."""
    whole = [{"Effect": e, "Action": a, "Resource": r} | more for e, a, r in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": whole})


GRANTED = document(
    ("Allow", ["dynamodb:PutItem", "dynamodb:BatchGetItem"], [TABLE + "items"]),
    ("Allow", ["ssm:GetParameter*"], [f"{PARAMETER}/app/*"]),
    ("Allow", ["s3:GetObject", "s3:PutObject"], ["arn:aws:s3:::uploads/in/*"]),
)


def furnish(world: EmbeddedAws) -> None:
    """Make tables, a bucket, parameters and a role with a policy, and enforce IAM."""
    for name in ("items", "others"):
        world.client("dynamodb").create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    world.client("s3").create_bucket(Bucket="uploads")
    world.client("s3").put_object(Bucket="uploads", Key="in/ä b", Body=b"text")
    world.client("ssm").put_parameter(Name="/app/dev/key", Value="x", Type="String")
    iam = world.client("iam")
    iam.create_role(RoleName="backend", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.create_policy(PolicyName="backend", PolicyDocument=GRANTED)
    iam.attach_role_policy(RoleName="backend", PolicyArn=POLICY)
    world.enforce()


def assume(world: EmbeddedAws, **more: Any) -> Keys:
    """Return credentials of the role."""
    sts = world.client("sts")
    keys: Keys = sts.assume_role(RoleArn=ROLE, RoleSessionName="task", **more)["Credentials"]
    return keys


def client(world: EmbeddedAws, service: str, keys: Keys | None = None, **more: Any) -> Any:
    """Return a client with these credentials, or those of a new session of the role."""
    used = {"AccessKeyId": "AKIANOBODY", "SecretAccessKey": "x", "SessionToken": None}
    used |= assume(world) if keys is None else keys
    settings: Keys = {"signature_version": "s3v4"} if service == "s3" else {}
    settings |= {"retries": {"total_max_attempts": 1}, "s3": {"addressing_style": "path"}} | more
    return boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=world.endpoint,
        aws_access_key_id=used["AccessKeyId"],
        aws_secret_access_key=used["SecretAccessKey"],
        aws_session_token=used["SessionToken"],
        config=Config(**settings),
    )


def refused(call: Callable[..., object], **arguments: Any) -> tuple[str, int, str]:
    """Return code, status and message of the refusal that a call must meet."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    error, status = answer["Error"], answer["ResponseMetadata"]["HTTPStatusCode"]
    return error["Code"], status, error["Message"]
