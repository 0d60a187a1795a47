"""A deployed backend without Terraform: the least that the scenarios of a twin need."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.engine.fargate_world import CLUSTER, LOGS, SERVICE, build, register
from tests.kit import REPOSITORY, edit
from verification.engine.embedded_aws import EmbeddedAws
from verification.engine.fargate import Images, repository_image
from verification.engine.processes import Processes
from verification.engine.stage import Stage
from verification.model.contract import Contract

TABLES = {
    "app-dev-users": ("user_id", "email", "email-index"),
    "app-dev-urls": ("short_code", "created_by_user", "user-index"),
}


def start() -> tuple[EmbeddedAws, dict[str, str]]:
    """Start an AWS with tables, a user pool and a service without tasks; gives it, and outputs."""
    world = EmbeddedAws.start()
    build(world, desired=1)
    for name, keys in TABLES.items():
        _table(world, name, *keys)
    outputs = {
        "cluster_name": CLUSTER,
        "service_name": SERVICE,
        "users_table_name": "app-dev-users",
        "urls_table_name": "app-dev-urls",
    } | _pool(world)
    revision = register(world, "twin", LOGS, **_variables(outputs))
    world.client("ecs").update_service(cluster=CLUSTER, service=SERVICE, taskDefinition=revision)
    return world, outputs


class SmallRun:
    """What a scenario needs of a run, with one backend behind all of its stages."""

    contract: Contract

    def __init__(
        self, base: EmbeddedAws, outputs: dict[str, str], folder: Path, backend: Path
    ) -> None:
        self._base, self._outputs, self._folder, self._backend = base, outputs, folder, backend

    @contextmanager
    def stage(
        self, environment: str, scenario: str, images: Images = repository_image
    ) -> Iterator[Stage]:
        """The backend, deployed in a fork of its own; `images` is not asked."""
        folder = self._folder / scenario
        folder.mkdir()
        processes = Processes(folder / "logs")
        with (
            self._base.fork() as world,
            Stage(
                world,
                self._outputs,
                environment,
                folder,
                processes,
                os.environ,
                lambda _: self._backend,
            ) as stage,
        ):
            stage.deployment.wait_steady()
            yield stage


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


def _variables(outputs: dict[str, str]) -> dict[str, str]:
    return {
        "AWS_REGION": "us-east-1",
        "COGNITO_USER_POOL_ID": outputs["user_pool_id"],
        "COGNITO_CLIENT_ID": outputs["user_pool_client_id"],
        "UPLOADS_BUCKET_NAME": "uploads",
        "USE_DYNAMODB": "true",
        "DYNAMODB_USERS_TABLE_NAME": outputs["users_table_name"],
        "DYNAMODB_URLS_TABLE_NAME": outputs["urls_table_name"],
    }


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
