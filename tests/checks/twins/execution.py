"""Execution roles that may do too much, or that could not start a task."""

from __future__ import annotations

from tests.checks.edits import Change, edit, nothing, together
from tests.checks.kit import Case, Check, Twin
from tests.checks.roles import (
    EXECUTION,
    PARAMETER,
    READING,
    SECRET,
    allow,
    attach,
    deny,
    executing,
    with_secret,
)
from verification.checks.stack import privileges
from verification.model.ternary import Unknown

BEYOND = privileges.allow_nothing_beyond
LACKING = privileges.allow_all_of_the_contract
REAL = privileges.name_real_actions
AWS_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
REPOSITORY = "arn:aws:ecr:us-east-1:123456789012:repository/file-sharing-app-prod-backend"
LOG = "arn:aws:logs:us-east-1:123456789012:log-group:/ecs/file-sharing-app-prod-backend"


def beyond(what: str, change: Change, says: str, *also: Check) -> Twin:
    """An execution role that may do too much."""
    return Twin(BEYOND, what, change, EXECUTION, says, also=also)


def lacking(what: str, change: Change, says: str, *also: Check) -> Twin:
    """An execution role with which ECS could not start a task; one parameter is a secret."""
    return Twin(LACKING, what, change, EXECUTION, says, also=also, contract=with_secret)


TWINS = [
    beyond(
        "AWS's own policy, for every repository and log group",
        attach(EXECUTION, AWS_POLICY),
        f"{AWS_POLICY} is attached, but is not in the stack, so its content is unknown. Detach it",
    ),
    beyond(
        "every parameter of the path",
        executing(allow("ssm:GetParameters", f"{PARAMETER}*")),
        f"allows ssm:GetParameters on {PARAMETER}*, which the contract does not grant (statement 1 "
        "of inline policy 2). Remove it, or add it to [[access.execution]] in the contract; add a "
        "parameter that is a secret to secret_parameters there.",
    ),
    beyond(
        "a parameter that is no secret",
        executing(allow("ssm:GetParameters", f"{PARAMETER}use_dynamodb")),
        f"allows ssm:GetParameters on {PARAMETER}use_dynamodb, which the contract does not grant",
    ),
    beyond(
        "a secret under another action",
        executing(allow("ssm:GetParametersByPath", f"{PARAMETER}api_key")),
        "allows ssm:GetParametersByPath on",
    ),
    beyond(
        "every repository",
        executing(allow("ecr:BatchGetImage", "*")),
        "allows ecr:BatchGetImage on *",
    ),
    beyond(
        "every key",
        executing(allow("kms:Decrypt", "*")),
        "allows kms:Decrypt on *",
    ),
    beyond(
        "pushes images",
        executing(allow("ecr:*", REPOSITORY)),
        f"on {REPOSITORY}, which the contract does not grant",
        REAL,
    ),
    lacking(
        "secret that it may not read",
        SECRET,
        f"does not allow ssm:GetParameters on {PARAMETER}api_key, which the contract grants. "
        "Allow it",
    ),
    lacking("secret made by hand that it may not read", nothing, f"on {PARAMETER}api_key"),
    lacking(
        "secret under another name",
        together(SECRET, executing(allow("ssm:GetParameters", f"{PARAMETER}api_keys"))),
        f"does not allow ssm:GetParameters on {PARAMETER}api_key, which",
        BEYOND,
    ),
    lacking(
        "secret for one at a time",
        together(SECRET, executing(allow("ssm:GetParameter", f"{PARAMETER}api_key"))),
        f"does not allow ssm:GetParameters on {PARAMETER}api_key, which",
        BEYOND,
    ),
    Twin(
        LACKING,
        "nothing",
        edit("roles", EXECUTION, inline=()),
        EXECUTION,
        f"does not allow ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, "
        f"ecr:GetDownloadUrlForLayer on {REPOSITORY}",
    ),
    Twin(
        LACKING,
        "no log",
        executing(deny("logs:PutLogEvents", "*")),
        EXECUTION,
        f"does not allow logs:PutLogEvents on {LOG}:log-stream:*",
    ),
    Twin(
        LACKING,
        "ECS starts tasks as nobody",
        edit("task_definitions", execution_role=None),
        "the stack",
        "an execution role is missing",
        also=(BEYOND, REAL),
    ),
]

OPEN = [
    Case(BEYOND, "attached to it", edit("roles", EXECUTION, attached=Unknown())),
    Case(BEYOND, "inline in it", edit("roles", EXECUTION, inline=lambda old: (*old, Unknown()))),
    Case(
        BEYOND,
        "parameter that it may read",
        executing(allow("ssm:GetParameters", Unknown("aws_x.y.arn"))),
        contract=with_secret,
    ),
]

HARMLESS = [
    Case(
        LACKING,
        "a secret that it may read",
        together(SECRET, executing(READING)),
        contract=with_secret,
    ),
    Case(LACKING, "a secret made by hand", executing(READING), contract=with_secret),
    Case(BEYOND, "granted twice to it", executing(allow("ecr:BatchGetImage", REPOSITORY))),
]
