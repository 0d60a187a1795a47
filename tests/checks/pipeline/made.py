"""A pipeline's access as it should be: two roles in each environment, and a bucket of states."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.kit import REPOSITORY
from verification.engine.aws.iam.analysis.pipeline_roles import pipeline_roles
from verification.model.contract import load_contract
from verification.model.pipeline import ISSUER, Pipeline, PipelineRoleRule, PipelineRule
from verification.model.stack import Bucket, Policy, Role, Stack

ARN = "arn:aws:{}:us-east-1:123456789012:{}"
SERVICE = ARN.format("ecs", "service/app-{0}/app-{0}-backend")
POOL = ARN.format("cognito-idp", "userpool/*")
PASSED = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
LIMIT = "arn:aws:iam::123456789012:policy/limit"
DEPLOY = PipelineRoleRule(
    "{project}-{environment}-deploy",
    "deploy.yml",
    ("ecs:DescribeTaskDefinition", "ecs:UpdateService", "iam:PassRole"),
)
SMOKE = PipelineRoleRule(
    "{project}-{environment}-smoke", "smoke.yml", ("ecs:ListTasks",), ("cognito-idp:AdminGetUser",)
)
RULE = PipelineRule("bootstrap", "owner/app", "main", "{project}-state", (DEPLOY, SMOKE))
CONTRACT = replace(
    load_contract(REPOSITORY / "verification" / "contract.toml"), project="app", pipeline=RULE
)
Edit = Callable[[dict[str, Any]], None]


def allow(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    """A statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource} | more


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(environment: str, workflow: str) -> dict[str, Any]:
    """A trust policy as it should be."""
    equals = {
        f"{ISSUER}:aud": "sts.amazonaws.com",
        f"{ISSUER}:sub": f"repo:owner/app:environment:{environment}",
        f"{ISSUER}:job_workflow_ref": f"owner/app/.github/workflows/{workflow}@refs/heads/main",
        f"{ISSUER}:ref": "refs/heads/main",
    }
    return {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{ISSUER}"},
        "Condition": {"StringEquals": equals},
    }


def granted(environment: str) -> dict[str, list[dict[str, Any]]]:
    """What the two roles should allow."""
    role = f"arn:aws:iam::123456789012:role/app-{environment}-backend-task"
    tagged = {"StringEquals": {"aws:ResourceTag/Environment": environment}}
    users = [allow("cognito-idp:AdminGetUser", POOL, Condition=tagged)]
    return {
        "deploy": [
            allow("ecs:UpdateService", SERVICE.format(environment)),
            allow("ecs:DescribeTaskDefinition", "*"),
            allow("iam:PassRole", role, Condition=PASSED),
        ],
        "smoke": [allow(["ecs:ListTasks"], "*"), *(users if environment == "dev" else [])],
    }


def made(edits: dict[str, Edit], bucket: dict[str, Any], limit: Any) -> Pipeline:
    """A pipeline's stack; an edit changes the parts of one role before they are put together."""
    roles = []
    for environment in ("dev", "prod"):
        for rule, (kind, statements) in zip(RULE.roles, granted(environment).items(), strict=True):
            name = f"app-{environment}-{kind}"
            parts: dict[str, Any] = {
                "trust": trust(environment, rule.workflow),
                "statements": statements,
                "boundary": LIMIT,
            }
            if name in edits:
                edits[name](parts)
            roles.append(
                Role(
                    address=f"aws_iam_role.{kind}",
                    name=name,
                    arn=f"arn:aws:iam::123456789012:role/{name}",
                    trust=document(parts["trust"]),
                    attached=(),
                    inline=(document(*parts["statements"]),),
                    boundary=parts["boundary"],
                )
            )
    state: dict[str, Any] = {
        "lifecycle": (),
        "name": "app-state",
        "public_access_block": (True,) * 4,
        "encrypted": True,
        "versioned": True,
    }
    stack = Stack(
        environment="bootstrap",
        account="123456789012",
        region="us-east-1",
        partition="aws",
        roles=tuple(roles),
        policies=(Policy(address="aws_iam_policy.limit", name="limit", arn=LIMIT, document=limit),),
        buckets=(Bucket(address="aws_s3_bucket.state", **state | bucket),),
    )
    return Pipeline(stack, pipeline_roles(stack, CONTRACT))


BOUNDARY = document(
    {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "sts:*"], "Resource": "*"},
    allow(["iam:Get*", "iam:List*"], "*"),
    allow("iam:PassRole", "arn:aws:iam::123456789012:role/app-*"),
)
