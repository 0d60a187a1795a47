"""A deployed backend without Terraform: the least that the scenarios of a twin need."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from backend.deployment.revision import newest, next_revision
from backend.deployment.variables import read_variables
from tests.engine.aws.fargate.world import CLUSTER, IMAGES, LOGS, SERVICE, build, register
from tests.kit import REPOSITORY, edit
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.aws.fargate import Images, repository_image
from verification.engine.smoke.stage import EmbeddedStage
from verification.engine.system.processes import Processes
from verification.engine.terraform.cli import Terraform
from verification.model.contract import load_contract

PUBLIC_URL = "http://app-dev.elb.amazonaws.com"
CONTRACT = load_contract(REPOSITORY / "verification" / "contract.toml")
# A world, and Terraform's outputs.
Base = tuple[EmbeddedAws, dict[str, str]]
PATH = "/fileshare/dev/"
BUCKET = "uploads"
TABLES = {
    "app-dev-users": ("user_id", "email", "email-index"),
    "app-dev-urls": ("short_code", "created_by_user", "user-index"),
}


def furnish(world: EmbeddedAws) -> dict[str, str]:
    """Make a deployed service without tasks in an AWS, and enforce IAM; gives the outputs.

    The task role may do what the contract says, and nothing else.
    """
    build(world, desired=1)
    allow(world, CONTRACT.access.actions)
    for name, keys in TABLES.items():
        _table(world, name, *keys)
    _bucket(world)
    outputs = {
        "base_url": PUBLIC_URL,
        "cluster_name": CLUSTER,
        "ecr_repository_url": IMAGES,
        "service_name": SERVICE,
        "users_table_name": "app-dev-users",
        "urls_table_name": "app-dev-urls",
        "uploads_bucket_name": BUCKET,
        "parameter_path": PATH,
    } | _pool(world)
    _deploy(world, outputs)
    world.enforce()
    return outputs


def allow(world: EmbeddedAws, actions: Iterable[str]) -> None:
    """Let the task role do exactly this with the tables and their indexes, and all with files."""
    tables = [f"arn:aws:dynamodb:us-east-1:123456789012:table/{name}" for name in TABLES]
    resources = [arn + end for arn in tables for end in ("", "/index/*")]
    files = [action for one in CONTRACT.access.others for action in one.actions]
    statements = [
        {"Effect": "Allow", "Action": list(actions), "Resource": resources},
        {"Effect": "Allow", "Action": files, "Resource": f"arn:aws:s3:::{BUCKET}/uploads/*"},
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam = world.client("iam")
    iam.put_role_policy(RoleName="task", PolicyName="access", PolicyDocument=document)


class SmallRun:
    """What a scenario needs of a run.

    Args:
        base: the world that each stage gets a fork of.
        outputs: Terraform's, as far as they are used.
        folder: where stages have theirs.
        backend: the image behind all stages, wherever a run would take the repository's.
        change: something done by hand to each fork before its backend starts.
    """

    contract = CONTRACT

    def __init__(
        self,
        base: EmbeddedAws,
        outputs: dict[str, str],
        folder: Path,
        backend: Path = REPOSITORY,
        change: Callable[[EmbeddedAws], object] = lambda world: None,
    ) -> None:
        self._base, self._outputs, self.reports = base, outputs, folder
        self._backend, self._change = backend, change

    @contextmanager
    def embedded(
        self, environment: str, scenario: str, images: Images = repository_image
    ) -> Iterator[EmbeddedStage]:
        """The backend, deployed in a fork of its own; a scenario may bring `images` of its own."""
        folder = self.reports / scenario
        folder.mkdir()
        processes = Processes(folder / "logs")
        shown = images if images is not repository_image else lambda _: self._backend
        with self._base.fork() as world:
            self._change(world)
            with EmbeddedStage(
                world, self._outputs, environment, folder, processes, os.environ, shown
            ) as stage:
                stage.deployment.wait_steady()
                yield stage

    stage = embedded

    def terraform(self, stage: EmbeddedStage) -> Terraform:
        """Refuse: nothing in this world was applied by Terraform."""
        raise AssertionError(f"{stage} was made without Terraform")


def broken(folder: Path, file: str, edits: dict[str, str]) -> Path:
    """An image with a copy of the backend that has one mistake."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "backend", folder / "backend", ignore=ignored)
    for old, new in edits.items():
        edit(folder / "backend" / file, old, new)
    return folder


def _pool(world: EmbeddedAws) -> dict[str, str]:
    cognito = world.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="users", UsernameAttributes=["email"])["UserPool"]
    client = cognito.create_user_pool_client(UserPoolId=pool["Id"], ClientName="web")
    return {
        "user_pool_id": pool["Id"],
        "user_pool_client_id": client["UserPoolClient"]["ClientId"],
    }


def _bucket(world: EmbeddedAws) -> None:
    """Make the bucket for uploads, with the lifecycle rules of the contract."""
    s3, uploads = world.client("s3"), CONTRACT.uploads
    assert uploads is not None
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    rules = [
        {
            "ID": str(days),
            "Status": "Enabled",
            "Filter": {"Prefix": uploads.prefix(days)},
            "Expiration": {"Days": days},
        }
        for days in uploads.lifetimes
    ]
    s3.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration={"Rules": rules})


def _deploy(world: EmbeddedAws, outputs: dict[str, str]) -> None:
    """Let the service have the revision that Terraform and then backend.deploy would make."""
    ours = {
        "AWS_REGION": "us-east-1",
        "COGNITO_USER_POOL_ID": outputs["user_pool_id"],
        "COGNITO_CLIENT_ID": outputs["user_pool_client_id"],
        "UPLOADS_BUCKET_NAME": BUCKET,
        "PUBLIC_URL": PUBLIC_URL,
    }
    parameters = {
        "use_dynamodb": "true",
        "dynamodb_users_table_name": outputs["users_table_name"],
        "dynamodb_urls_table_name": outputs["urls_table_name"],
    }
    ecs, ssm = world.client("ecs"), world.client("ssm")
    for name, value in parameters.items():
        ssm.put_parameter(Name=PATH + name, Value=value, Type="String")
    register(world, "bootstrap", LOGS, **ours)
    revision = next_revision(newest(ecs, SERVICE), f"{IMAGES}:first", read_variables(ssm, PATH))
    made = ecs.register_task_definition(**revision)["taskDefinition"]["taskDefinitionArn"]
    ecs.update_service(cluster=CLUSTER, service=SERVICE, taskDefinition=made)


def _table(world: EmbeddedAws, name: str, key: str, indexed: str, index: str) -> None:
    world.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": attribute, "AttributeType": "S"} for attribute in (key, indexed)
        ],
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": index,
                "KeySchema": [{"AttributeName": indexed, "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
