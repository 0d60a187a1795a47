"""The real backend on the embedded deployment, as the smoke rung drives it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.aws.fargate.world import CLUSTER, LOGS, SERVICE, build, register
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.aws.fargate import Fargate
from verification.engine.smoke.deployment import Deployment, EmbeddedDeployment
from verification.engine.smoke.ecs_service import DeploymentFailed
from verification.engine.smoke.http_session import Session

pytestmark = pytest.mark.slow

TABLES = {
    "users": ("user_id", "email", "email-index"),
    "urls": ("short_code", "created_by_user", "user-index"),
}


def table(world: EmbeddedAws, name: str, key: str, indexed: str, index: str) -> None:
    """Make one of the plan's tables."""
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


@pytest.fixture(name="outputs", scope="module")
def _outputs(base: EmbeddedAws) -> dict[str, str]:
    cognito = base.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="users", UsernameAttributes=["email"])["UserPool"]
    client = cognito.create_user_pool_client(UserPoolId=pool["Id"], ClientName="web")
    return {
        "cluster_name": CLUSTER,
        "service_name": SERVICE,
        "user_pool_id": pool["Id"],
        "user_pool_client_id": client["UserPoolClient"]["ClientId"],
    }


@pytest.fixture(name="base", scope="module")
def _base(empty_aws: EmbeddedAws) -> Iterator[EmbeddedAws]:
    with empty_aws.fork() as world:
        build(world)
        for name, keys in TABLES.items():
            table(world, name, *keys)
        yield world


def variables(outputs: dict[str, str], **changes: str) -> dict[str, str]:
    """What a deploy gives the backend."""
    return {
        "AWS_REGION": "us-east-1",
        "COGNITO_USER_POOL_ID": outputs["user_pool_id"],
        "COGNITO_CLIENT_ID": outputs["user_pool_client_id"],
        "UPLOADS_BUCKET_NAME": "uploads",
        "PUBLIC_URL": "http://app-dev.elb.amazonaws.com",
        "USE_DYNAMODB": "true",
        "DYNAMODB_USERS_TABLE_NAME": "users",
        "DYNAMODB_URLS_TABLE_NAME": "urls",
    } | changes


@pytest.fixture(name="deployment")
def _deployment(
    base: EmbeddedAws, outputs: dict[str, str], tmp_path: Path
) -> Iterator[EmbeddedDeployment]:
    world = base.fork()
    with Fargate(world, CLUSTER, SERVICE, work=tmp_path) as fargate:
        made = EmbeddedDeployment(world, fargate, outputs)
        # mypy then says whether it can stand for any deployment.
        _: Deployment = made
        deploy(made, **variables(outputs))
        yield made
        made.close()
    world.stop()


def deploy(deployment: EmbeddedDeployment, **environment: str) -> str:
    """Deploy the backend with these variables and wait until it is up."""
    revision = register(deployment.world, "v1", LOGS, **environment)
    made = deployment.service.update(taskDefinition=revision)
    deployment.service.wait_completed(made, 40)
    deployment.wait_steady()
    return made


def trial(session: Session) -> bool:
    """Whether this user's trial is known."""
    answer = session.get("/api/me/trial")
    assert answer.status == 200
    return bool(answer.json()["trial_used"])


def test_trial_survives_redeploy_kill_and_scaling(deployment: EmbeddedDeployment) -> None:
    """What DynamoDB holds is there after every task has gone in every way."""
    user = deployment.user("ann")
    assert not trial(user)
    assert user.post("/api/me/trial").status == 201
    deployment.force_redeploy()
    assert trial(user)
    assert deployment.kill_task() not in deployment.service.running()
    deployment.wait_steady()
    deployment.scale(3)
    assert {trial(user) for _ in range(6)} == {True}


def test_trial_on_sqlite_dies_with_the_task(
    deployment: EmbeddedDeployment, outputs: dict[str, str]
) -> None:
    """The bug itself: without DynamoDB a redeploy forgets the trial."""
    deployment.scale(1)
    deploy(deployment, **variables(outputs, USE_DYNAMODB="false"))
    user = deployment.user("bob")
    assert user.post("/api/me/trial").status == 201
    assert trial(user)
    deployment.force_redeploy()
    assert not trial(user)


def test_bad_revision_leaves_the_data(
    deployment: EmbeddedDeployment, outputs: dict[str, str]
) -> None:
    """A revision without its table never serves: the one before it goes on, with its data."""
    user = deployment.user("cyd")
    assert user.post("/api/me/trial").status == 201
    # Why it failed is told by the tasks' own lines.
    with pytest.raises(DeploymentFailed, match=r"its last output: .*USE_DYNAMODB must be true or"):
        deploy(deployment, **variables(outputs, USE_DYNAMODB="maybe"))
    deployment.wait_steady()
    assert trial(user)
    assert any("USE_DYNAMODB must be true or false" in line for line in deployment.logs())


def test_tasks_act_as_their_role(deployment: EmbeddedDeployment) -> None:
    """No call of the application is the administrator's."""
    with_table = [c for c in deployment.world.calls() if c.service == "dynamodb"]
    assert with_table
    assert {c.access_key[:4] for c in with_table} == {"ASIA"}


def test_role_decides_what_a_task_may(deployment: EmbeddedDeployment) -> None:
    """With IAM enforced the application works by its role's policy, and without it is refused."""
    deployment.world.enforce()
    deployment.force_redeploy()
    user = deployment.user("eve")
    assert user.post("/api/me/trial").status == 201
    deployment.world.client("iam").delete_role_policy(RoleName="task", PolicyName="access")
    assert user.get("/api/me/trial").status == 503


def test_users_are_new_and_removed(deployment: EmbeddedDeployment, outputs: dict[str, str]) -> None:
    """Two users of one name are two users, and none is left when they are removed."""
    first, second = deployment.user("dan"), deployment.user("dan")
    assert first.user_id != second.user_id
    assert deployment.visitor().get("/api/me/trial").status == 401
    deployment.close()
    cognito = deployment.world.client("cognito-idp")
    assert cognito.list_users(UserPoolId=outputs["user_pool_id"])["Users"] == []
