"""The least that an AWS must hold for the ECS agent to run a service in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from verification.engine.aws.emulator import EmbeddedAws

# As Terraform names them, so that backend.deploy finds them.
CLUSTER = "file-sharing-app-dev"
SERVICE, LOGS = f"{CLUSTER}-backend", "/ecs/service"
TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", '
    '"Principal": {"Service": "ecs-tasks.amazonaws.com"}}]}'
)
IMAGES = "123456789012.dkr.ecr.us-east-1.amazonaws.com/service"
EXECUTION_ROLE = "arn:aws:iam::123456789012:role/execution"
_REPOSITORY = "arn:aws:ecr:us-east-1:123456789012:repository/service"
_STREAMS = f"arn:aws:logs:us-east-1:123456789012:log-group:{LOGS}:*"
# All that ECS needs to start a task without secrets.
EXECUTION = {
    "ecr:GetAuthorizationToken": "*",
    "ecr:BatchCheckLayerAvailability": _REPOSITORY,
    "ecr:BatchGetImage": _REPOSITORY,
    "ecr:GetDownloadUrlForLayer": _REPOSITORY,
    "logs:CreateLogStream": _STREAMS,
    "logs:PutLogEvents": _STREAMS,
}
ACCESS = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "dynamodb:*", '
    '"Resource": "*"}]}'
)


def build(world: EmbeddedAws, desired: int = 2) -> None:
    """Make everything that a service needs, and the service with an image that does not exist."""
    ec2, elb = world.client("ec2"), world.client("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{z}")
        for n, z in enumerate("ab")
    ]
    subnet_ids = [made["Subnet"]["SubnetId"] for made in subnets]
    group = ec2.create_security_group(GroupName="tasks", Description="tasks", VpcId=vpc)
    target_group = _target_group(elb, vpc)
    balancer = elb.create_load_balancer(Name="service", Subnets=subnet_ids)["LoadBalancers"][0]
    elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": target_group}],
    )
    iam = world.client("iam")
    iam.create_role(RoleName="task", AssumeRolePolicyDocument=TRUST)
    iam.put_role_policy(RoleName="task", PolicyName="access", PolicyDocument=ACCESS)
    iam.create_role(RoleName="execution", AssumeRolePolicyDocument=TRUST)
    let_execute(world, EXECUTION)
    world.client("ecr").create_repository(repositoryName="service")
    world.client("logs").create_log_group(logGroupName=LOGS)
    world.client("ecs").create_cluster(clusterName=CLUSTER)
    network = {"subnets": subnet_ids, "securityGroups": [group["GroupId"]]}
    _service(world, desired, target_group, network)


def let_execute(world: EmbeddedAws, grants: Mapping[str, str]) -> None:
    """Let the execution role use exactly these actions, each on a resource."""
    allowed = [
        {"Effect": "Allow", "Action": action, "Resource": resource}
        for action, resource in grants.items()
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": allowed})
    iam = world.client("iam")
    iam.put_role_policy(RoleName="execution", PolicyName="start", PolicyDocument=document)


def _target_group(elb: Any, vpc: str) -> str:
    made = elb.create_target_group(
        Name="service",
        VpcId=vpc,
        TargetType="ip",
        Protocol="HTTP",
        Port=5000,
        HealthCheckPath="/started",
        HealthCheckIntervalSeconds=10,
        HealthCheckTimeoutSeconds=5,
        HealthyThresholdCount=2,
        UnhealthyThresholdCount=3,
        Matcher={"HttpCode": "200"},
    )
    arn: str = made["TargetGroups"][0]["TargetGroupArn"]
    delay = {"Key": "deregistration_delay.timeout_seconds", "Value": "30"}
    elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[delay])
    return arn


def _service(world: EmbeddedAws, desired: int, group: str, network: dict[str, Any]) -> None:
    world.client("ecs").create_service(
        cluster=CLUSTER,
        serviceName=SERVICE,
        taskDefinition=register(world, "bootstrap"),
        desiredCount=desired,
        launchType="FARGATE",
        healthCheckGracePeriodSeconds=60,
        deploymentConfiguration=configuration(rollback=True),
        loadBalancers=[
            {"targetGroupArn": group, "containerName": "backend", "containerPort": 5000}
        ],
        networkConfiguration={"awsvpcConfiguration": network},
    )


def configuration(rollback: bool, enable: bool = True) -> dict[str, Any]:
    """A deployment configuration with or without circuit breaker."""
    return {
        "minimumHealthyPercent": 100,
        "maximumPercent": 200,
        "deploymentCircuitBreaker": {"enable": enable, "rollback": rollback},
    }


def register(world: EmbeddedAws, tag: str, group: str = LOGS, **environment: str) -> str:
    """Register a revision with this image and these variables; return its ARN."""
    return register_with(world, tag, {}, EXECUTION_ROLE, group, **environment)


def register_with(
    world: EmbeddedAws,
    tag: str,
    secrets: Mapping[str, str],
    role: str | None,
    group: str = LOGS,
    **environment: str,
) -> str:
    """Register a revision with secrets and another execution role, too; return its ARN."""
    options = {"awslogs-group": group, "awslogs-stream-prefix": "backend"}
    made = world.client("ecs").register_task_definition(
        family=SERVICE,
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        taskRoleArn="arn:aws:iam::123456789012:role/task",
        **({"executionRoleArn": role} if role else {}),
        containerDefinitions=[
            {
                "name": "backend",
                "image": f"{IMAGES}:{tag}",
                "environment": [{"name": k, "value": v} for k, v in environment.items()],
                "secrets": [{"name": k, "valueFrom": v} for k, v in secrets.items()],
                "portMappings": [{"containerPort": 5000}],
                "logConfiguration": {"logDriver": "awslogs", "options": options},
            }
        ],
    )
    arn: str = made["taskDefinition"]["taskDefinitionArn"]
    return arn
