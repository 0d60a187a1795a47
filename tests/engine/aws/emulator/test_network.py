"""Security groups and load balancers of the embedded AWS: each test fails without its fix."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from verification.engine.aws.emulator import EmbeddedAws

pytestmark = pytest.mark.slow

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"


@pytest.fixture(scope="module")
def world(empty_aws: EmbeddedAws) -> Iterator[EmbeddedAws]:
    """One world for all tests here; each makes what it looks at."""
    with empty_aws.fork() as started:
        yield started


@pytest.fixture
def balancer(world: EmbeddedAws, request: pytest.FixtureRequest) -> Any:
    """The ARN of a load balancer named after the test."""
    subnets = world.client("ec2").describe_subnets()["Subnets"][:2]
    answer = world.client("elbv2").create_load_balancer(
        Name=request.node.name.replace("_", "-")[-30:].strip("-"),
        Subnets=[subnet["SubnetId"] for subnet in subnets],
    )
    return answer["LoadBalancers"][0]["LoadBalancerArn"]


def listen(world: EmbeddedAws, balancer: str, certificate: str) -> Any:
    """Add an HTTPS listener."""
    return world.client("elbv2").create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": certificate}],
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
    )


def test_rule_for_a_group_keeps_its_description(world: EmbeddedAws) -> None:
    """The description of a rule that names another group comes back."""
    client = world.client("ec2")
    group = client.create_security_group(GroupName="tasks", Description="tasks")["GroupId"]
    pair = {"GroupId": group, "Description": "only these"}
    permission = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [pair]}
    client.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    rules = client.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])[
        "SecurityGroupRules"
    ]
    assert "only these" in [rule.get("Description") for rule in rules]


def test_listener_takes_a_certificate_of_the_account(world: EmbeddedAws, balancer: str) -> None:
    """A certificate that was issued outside of this world is there when it is asked for."""
    assert listen(world, balancer, CERTIFICATE)["Listeners"][0]["Protocol"] == "HTTPS"


def test_listener_refuses_a_certificate_of_another_account(
    world: EmbeddedAws, balancer: str
) -> None:
    """A certificate of another account is none."""
    with pytest.raises(ClientError, match="CertificateNotFound"):
        listen(world, balancer, CERTIFICATE.replace("123456789012", "210987654321"))


def test_protected_load_balancer_stays(world: EmbeddedAws, balancer: str) -> None:
    """A load balancer under deletion protection cannot be deleted before that is switched off."""
    client = world.client("elbv2")
    for value in ("true", "false"):
        attribute = {"Key": "deletion_protection.enabled", "Value": value}
        client.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=[attribute])
        if value == "true":
            with pytest.raises(ClientError, match="OperationNotPermitted"):
                client.delete_load_balancer(LoadBalancerArn=balancer)
    assert client.delete_load_balancer(LoadBalancerArn=balancer)


def test_protected_user_pool_stays(world: EmbeddedAws) -> None:
    """A user pool under deletion protection cannot be deleted."""
    client = world.client("cognito-idp")
    answer = client.create_user_pool(PoolName="users", DeletionProtection="ACTIVE")
    with pytest.raises(ClientError, match="InvalidParameterException"):
        client.delete_user_pool(UserPoolId=answer["UserPool"]["Id"])
