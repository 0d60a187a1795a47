"""Where moto is not AWS: each test fails without the fix that it is for."""

import json
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.kit import HANG
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.aws.emulator.moto_patches.patching import add, wrap

pytestmark = pytest.mark.slow

TARGET = {
    "ServiceNamespace": "dynamodb",
    "ResourceId": "table/items",
    "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
}
SERVICE = {
    "serviceName": "web",
    "launchType": "FARGATE",
    "desiredCount": 2,
    "taskDefinition": "web:1",
    "healthCheckGracePeriodSeconds": 60,
    "availabilityZoneRebalancing": "DISABLED",
    "enableExecuteCommand": True,
    "enableECSManagedTags": True,
    "deploymentConfiguration": {
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "maximumPercent": 200,
        "minimumHealthyPercent": 100,
    },
}


@pytest.fixture(scope="module")
def started(empty_aws: EmbeddedAws) -> Iterator[EmbeddedAws]:
    """The world whose forks the tests use."""
    with empty_aws.fork() as world:
        world.client("ecs").list_clusters()  # What is loaded here need not be loaded in each fork.
        yield world


@pytest.fixture
def world(started: EmbeddedAws) -> Iterator[EmbeddedAws]:
    """An empty world for each test."""
    with started.fork() as fork:
        yield fork


@pytest.fixture
def ecs(world: EmbeddedAws) -> Any:
    """The ECS client of a world with one service on Fargate and two revisions of its task."""
    client = world.client("ecs")
    client.create_cluster(clusterName="default")
    for image in ("one", "two"):
        container = {"name": "web", "image": image, "memory": 512}
        client.register_task_definition(family="web", containerDefinitions=[container])
    client.create_service(**SERVICE)
    return client


@pytest.fixture
def pool(world: EmbeddedAws) -> tuple[Any, str]:
    """The Cognito client of a world with one pool, and the pool's id."""
    client = world.client("cognito-idp")
    made = client.create_user_pool(
        PoolName="users",
        UsernameAttributes=["email"],
        UsernameConfiguration={"CaseSensitive": False},
    )
    return client, made["UserPool"]["Id"]


def code_of(call: Callable[[], object]) -> str:
    """Return the error code that boto3 sees when the call fails."""
    with pytest.raises(ClientError) as caught:
        call()
    code: str = caught.value.response["Error"]["Code"]
    return code


def service_of(ecs: Any) -> dict[str, Any]:
    """Return the one service as it is read back."""
    service: dict[str, Any] = ecs.describe_services(services=["web"])["services"][0]
    return service


def test_managed_policies_exist(world: EmbeddedAws) -> None:
    """A role can be given a policy that AWS itself provides."""
    arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    assert world.client("iam").get_policy(PolicyArn=arn)["Policy"]["Arn"] == arn


def test_layers_have_an_address(world: EmbeddedAws) -> None:
    """A pull is told where a layer is, of a repository that exists."""
    client = world.client("ecr")
    client.create_repository(repositoryName="web")
    layer = {"layerDigest": "sha256:" + "0" * 64}
    asked = client.get_download_url_for_layer
    assert asked(repositoryName="web", **layer)["downloadUrl"].startswith("https://")
    code = code_of(lambda: asked(repositoryName="other", **layer))
    assert code == "RepositoryNotFoundException"


def test_scalable_target_keeps_tags(world: EmbeddedAws) -> None:
    """Tags of a scalable target can be set, read, changed and removed."""
    client = world.client("application-autoscaling")
    arn = client.register_scalable_target(
        **TARGET, MinCapacity=1, MaxCapacity=2, Tags={"Project": "x", "Old": "y"}
    )["ScalableTargetARN"]
    client.tag_resource(ResourceARN=arn, Tags={"New": "z"})
    client.untag_resource(ResourceARN=arn, TagKeys=["Old"])
    assert client.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"Project": "x", "New": "z"}


def test_vault_says_what_it_holds(world: EmbeddedAws) -> None:
    """A new vault holds nothing; one that does not exist is not found."""
    client = world.client("backup")
    client.create_backup_vault(BackupVaultName="vault")
    asked = client.list_recovery_points_by_backup_vault
    assert asked(BackupVaultName="vault")["RecoveryPoints"] == []
    assert code_of(lambda: asked(BackupVaultName="other")) == "ResourceNotFoundException"


def test_backup_plan_can_be_changed_and_made_again(world: EmbeddedAws) -> None:
    """A plan takes new rules, cannot go before its selections, and frees its name when it goes."""
    client = world.client("backup")
    client.create_backup_vault(BackupVaultName="vault")
    rule = {"RuleName": "daily", "TargetBackupVaultName": "vault"}
    plan = {"BackupPlanName": "plan", "Rules": [rule]}
    known = {"BackupPlanId": client.create_backup_plan(BackupPlan=plan)["BackupPlanId"]}
    plan["Rules"] = [rule | {"RuleName": "hourly"}]
    client.update_backup_plan(**known, BackupPlan=plan)
    found = client.get_backup_plan(**known)["BackupPlan"]["Rules"]
    assert [rule["RuleName"] for rule in found] == ["hourly"]
    chosen = {"SelectionName": "tables", "IamRoleArn": "arn:aws:iam::123456789012:role/b"}
    made = client.create_backup_selection(**known, BackupSelection=chosen)["SelectionId"]
    assert client.get_backup_selection(**known, SelectionId=made)["BackupSelection"] == chosen
    assert client.list_backup_selections(**known)["BackupSelectionsList"][0]["SelectionId"] == made
    assert code_of(lambda: client.delete_backup_plan(**known)) == "InvalidRequestException"
    client.delete_backup_selection(**known, SelectionId=made)
    client.delete_backup_plan(**known)
    client.create_backup_plan(BackupPlan=plan)


def test_backup_tags_without_a_slash(world: EmbeddedAws) -> None:
    """A vault's tags are found under the path that Terraform asks for."""
    client, tags = world.client("backup"), {"Project": "x"}
    made = client.create_backup_vault(BackupVaultName="vault", BackupVaultTags=tags)
    client.meta.events.register(
        "before-sign.backup.ListTags",
        lambda request, **_: setattr(request, "url", request.url.rstrip("/")),
    )
    assert client.list_tags(ResourceArn=made["BackupVaultArn"])["Tags"] == tags


def test_missing_scalable_target_has_no_tags(world: EmbeddedAws) -> None:
    """Tags of a scalable target that is gone are an error."""
    client = world.client("application-autoscaling")
    arn = "arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/none"
    code = code_of(lambda: client.list_tags_for_resource(ResourceARN=arn))
    assert code == "ResourceNotFoundException"


def test_service_keeps_its_fields(ecs: Any) -> None:
    """A service reads back as it was created."""
    service, sent = service_of(ecs), dict(SERVICE)
    del sent["taskDefinition"]
    assert {name: service.get(name) for name in sent} == sent


def test_service_runs_what_is_desired(ecs: Any) -> None:
    """A new service settles on its desired count, by a completed deployment of its revision."""
    service = service_of(ecs)
    (deployment,) = service["deployments"]
    assert service["taskDefinition"].endswith(":123456789012:task-definition/web:1")
    assert deployment["taskDefinition"] == service["taskDefinition"]
    for counted in (service, deployment):
        assert (counted["runningCount"], counted["pendingCount"]) == (2, 0)
    assert deployment["rolloutState"] == "COMPLETED"


def test_update_is_a_new_deployment(ecs: Any) -> None:
    """Another revision is rolled out by another deployment, and named by its ARN."""
    before = service_of(ecs)["deployments"][0]
    ecs.update_service(service="web", taskDefinition="web:2")
    service = service_of(ecs)
    (deployment,) = service["deployments"]
    assert service["taskDefinition"].endswith(":123456789012:task-definition/web:2")
    assert deployment["taskDefinition"] == service["taskDefinition"]
    assert deployment["id"] != before["id"]
    assert deployment["rolloutState"] == "COMPLETED"


def test_scaling_is_no_new_deployment(ecs: Any) -> None:
    """Another count changes the service and its cluster, not the deployment."""
    before = service_of(ecs)["deployments"][0]["id"]
    ecs.update_service(service="web", desiredCount=3)
    ecs.update_service(service="web", enableExecuteCommand=False)
    service = service_of(ecs)
    assert service["deployments"][0]["id"] == before
    assert (service["runningCount"], service["deployments"][0]["runningCount"]) == (3, 3)
    assert ecs.describe_clusters()["clusters"][0]["runningTasksCount"] == 3


def test_bucket_that_demands_tls(world: EmbeddedAws) -> None:
    """A policy that denies plain HTTP leaves the bucket usable; any other Deny holds."""
    s3 = world.client("s3")
    s3.create_bucket(Bucket="data")
    everything = {"Effect": "Deny", "Principal": "*", "Action": "s3:*"}
    objects = {"Resource": "arn:aws:s3:::data/*"}
    tls = everything | objects | {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    policy = {"Version": "2012-10-17", "Statement": [tls]}
    s3.put_bucket_policy(Bucket="data", Policy=json.dumps(policy))
    s3.put_object(Bucket="data", Key="open/a", Body=b"x")
    assert s3.get_object(Bucket="data", Key="open/a")["Body"].read() == b"x"
    assert json.loads(s3.get_bucket_policy(Bucket="data")["Policy"]) == policy
    policy["Statement"] = [tls, everything | {"Resource": "arn:aws:s3:::data/shut/*"}]
    s3.put_bucket_policy(Bucket="data", Policy=json.dumps(policy))
    assert code_of(lambda: s3.put_object(Bucket="data", Key="shut/a", Body=b"x")) == "403"


def test_domain_belongs_to_the_account(pool: tuple[Any, str]) -> None:
    """A user pool's domain names the account, the same whenever it is asked."""
    client, pool_id = pool
    client.create_user_pool_domain(Domain="sign-in", UserPoolId=pool_id)
    found = client.describe_user_pool_domain(Domain="sign-in")["DomainDescription"]
    assert found["AWSAccountId"] == "123456789012"


def test_update_keeps_what_it_cannot_set(pool: tuple[Any, str]) -> None:
    """Updating a pool leaves alone what only its creation can set."""
    client, pool_id = pool
    client.update_user_pool(UserPoolId=pool_id, AutoVerifiedAttributes=["email"])
    found = client.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    assert found["UsernameAttributes"] == ["email"]
    assert found["UsernameConfiguration"] == {"CaseSensitive": False}
    assert found["AutoVerifiedAttributes"] == ["email"]


def test_refusal_in_the_words_of_the_service(world: EmbeddedAws) -> None:
    """A refused call of a JSON service has that service's error code, not the bare status."""
    reset = world.client("sts").meta.endpoint_url + "/moto-api/reset-auth"
    assert switch_on_enforcement(reset) == 200
    assert code_of(lambda: world.client("dynamodb").list_tables()) == "UnrecognizedClientException"
    assert code_of(lambda: world.client("iam").list_roles()) == "InvalidClientTokenId"


def switch_on_enforcement(url: str) -> int:
    """POST as text: moto loses the body of what looks like a form."""
    host, path = url.removeprefix("http://").split("/", 1)
    connection = HTTPConnection(host, timeout=HANG)
    connection.request("POST", "/" + path, b"0", {"Content-Type": "text/plain"})
    status = connection.getresponse().status
    connection.close()
    return status


def test_changed_moto_is_noticed() -> None:
    """A fix of something that is no longer there, or no longer missing, fails when installed."""

    class Owner:
        def there(self) -> None:
            """Stand for an operation."""

    def there() -> None:
        """Stand for a fix that is no longer needed."""

    with pytest.raises(LookupError, match="review the patch"):
        wrap(Owner, "gone", lambda original: original)
    with pytest.raises(LookupError, match="remove the patch"):
        add(Owner, there)
