"""Roles that may do too much, lack the policy, or can be assumed by somebody else."""

from __future__ import annotations

from typing import Any

from tests.checks.kit import Case, Change, Twin, copy, edit, together
from tests.checks.twins.edits_access import (
    ARN,
    OBJECTS,
    POLICY,
    TABLE,
    TASK,
    WILD,
    attach,
    document,
    inline,
    statement,
)
from verification.checks.stack import access
from verification.model.ternary import Unknown
from verification.model.verdict import Verdict

EXECUTION = "aws_iam_role.flask_app_execution"
FOREIGN = (access.nothing_else_grants_dynamodb,)
UNDECIDED = Verdict.UNKNOWN
NOBODY = "whom the trust policy names is"
ACCOUNT = "aws:SourceAccount of the trust policy is"


def trusting(at: str = TASK, **changes: Any) -> Change:
    """Change the only statement of a role's trust policy."""
    return edit("roles", at, trust=lambda d: d | {"Statement": [d["Statement"][0] | changes]})


def wide(what: str, change: Change, says: str, **more: Any) -> Twin:
    """A task role that may do too much."""
    return Twin(access.roles_have_no_wildcard, what, change, TASK, says, **more)


def trusted(what: str, change: Change, says: str, at: str = TASK) -> Twin:
    """A role that somebody else may assume."""
    return Twin(access.only_tasks_assume_the_roles, what, change, at, says)


TWINS = [
    wide(
        "administrator by hand",
        inline(statement(Action="*", Resource="*")),
        "a policy allows * on *. Name the actions and the resources.",
        also=FOREIGN,
    ),
    wide("every action of S3", inline(statement(Action="s3:*")), f"s3:* on {OBJECTS}"),
    wide("wildcard within", inline(statement(Action="s3:*Object")), "s3:*Object"),
    wide("every resource", inline(statement(Resource="*")), "s3:GetObject on *"),
    wide("every resource twice over", inline(statement(Resource=["**"])), "s3:GetObject on **"),
    wide("every bucket", inline(statement(Resource="arn:aws:s3:::*")), "on arn:aws:s3:::*"),
    wide("every service", inline(statement(Resource="arn:aws:*")), "on arn:aws:*"),
    wide(
        "all actions but some",
        inline({"Effect": "Allow", "NotAction": "iam:*", "Resource": OBJECTS}),
        "a policy allows NotAction",
        also=FOREIGN,
    ),
    wide(
        "all resources but some",
        inline({"Effect": "Allow", "Action": "s3:GetObject", "NotResource": OBJECTS}),
        "a policy allows NotResource",
    ),
    wide(
        "AWS's administrator policy",
        attach(TASK, "arn:aws:iam::aws:policy/AdministratorAccess"),
        "arn:aws:iam::aws:policy/AdministratorAccess",
    ),
    wide(
        "customer-managed policy that is wide",
        together(
            copy(
                "policies",
                POLICY,
                address="aws_iam_policy.wide",
                name="wide",
                arn="arn:aws:iam::123456789012:policy/wide",
                document=document(statement(Action="s3:*")),
            ),
            attach(TASK, "arn:aws:iam::123456789012:policy/wide"),
        ),
        f"a policy allows s3:* on {OBJECTS}",
    ),
    wide(
        "wide beside an unknown policy",
        together(
            edit("roles", TASK, inline=(Unknown(),)),
            inline(statement(Action="s3:*")),
        ),
        "s3:*",
    ),
    Twin(
        access.nothing_else_grants_dynamodb,
        "ninth action in an inline policy",
        inline(statement(Action="dynamodb:DeleteTable", Resource=TABLE + "users")),
        TASK,
        f"beside {ARN}, a policy allows dynamodb:DeleteTable on {TABLE}users",
    ),
    Twin(
        access.nothing_else_grants_dynamodb,
        "ninth action in a second policy",
        together(
            copy(
                "policies",
                POLICY,
                address="aws_iam_policy.more",
                name="more",
                arn="arn:aws:iam::123456789012:policy/more",
                document=document(
                    statement(Action="DynamoDB:DeleteTable", Resource=TABLE + "users")
                ),
            ),
            attach(TASK, "arn:aws:iam::123456789012:policy/more"),
        ),
        TASK,
        "DynamoDB:DeleteTable",
    ),
    Twin(
        access.task_role_has_the_policy,
        "not attached",
        edit("roles", TASK, attached=()),
        TASK,
        f"{ARN} is not attached. Pass module.dynamodb.policy_arn",
    ),
    Twin(
        access.task_role_has_the_policy,
        "dev's attached instead",
        edit("roles", TASK, attached=(ARN.replace("prod", "dev"),)),
        TASK,
        f"{ARN} is not attached",
        also=WILD,
    ),
    Twin(
        access.task_role_has_the_policy,
        "attached to the execution role instead",
        together(edit("roles", TASK, attached=()), attach(EXECUTION, ARN)),
        TASK,
        f"{ARN} is not attached",
        also=(access.only_the_task_role_has_the_policy,),
    ),
    Twin(
        access.task_role_has_the_policy,
        "tasks run as nobody",
        edit("task_definitions", task_role=None),
        "aws_ecs_task_definition.backend",
        "its task role is not set",
        also=(access.only_the_task_role_has_the_policy,),
    ),
    Twin(
        access.task_role_has_the_policy,
        "tasks run as a role from elsewhere",
        edit("task_definitions", task_role="arn:aws:iam::999999999999:role/other"),
        "aws_ecs_task_definition.backend",
        "its task role is 'arn:aws:iam::999999999999:role/other'",
        also=(access.only_the_task_role_has_the_policy,),
        planned=UNDECIDED,
    ),
    Twin(
        access.only_the_task_role_has_the_policy,
        "attached to the execution role too",
        attach(EXECUTION, ARN),
        EXECUTION,
        f"{ARN} is attached. Detach it.",
    ),
    Twin(
        access.only_the_task_role_has_the_policy,
        "attached to a new role",
        copy("roles", EXECUTION, address="aws_iam_role.spy", arn="arn:spy", attached=(ARN,)),
        "aws_iam_role.spy",
        "is attached",
    ),
    Twin(
        access.only_the_task_role_has_the_policy,
        "attached beside an unknown one",
        attach(EXECUTION, Unknown(), ARN),
        EXECUTION,
        "is attached",
    ),
    trusted("EC2", trusting(Principal={"Service": "ec2.amazonaws.com"}), NOBODY),
    trusted("everybody", trusting(Principal="*"), f"{NOBODY} '*'"),
    trusted("every account", trusting(Principal={"AWS": "*"}), NOBODY),
    trusted("other account", trusting(Principal={"AWS": "arn:aws:iam::999999999999:root"}), NOBODY),
    trusted(
        "EC2 as well",
        trusting(Principal={"Service": ["ecs-tasks.amazonaws.com", "ec2.amazonaws.com"]}),
        NOBODY,
    ),
    trusted(
        "an account as well",
        trusting(Principal={"Service": "ecs-tasks.amazonaws.com", "AWS": "123456789012"}),
        NOBODY,
    ),
    trusted("all but one", trusting(Principal=None, NotPrincipal={"AWS": "1"}), NOBODY),
    trusted("no condition", trusting(Condition={}), f"{ACCOUNT} empty, must be '123456789012'"),
    trusted(
        "execution role without condition", trusting(EXECUTION, Condition={}), ACCOUNT, EXECUTION
    ),
    trusted(
        "other account's tasks",
        trusting(Condition={"StringEquals": {"aws:SourceAccount": "999999999999"}}),
        f"{ACCOUNT} '999999999999'",
    ),
    trusted(
        "two accounts' tasks",
        trusting(Condition={"StringEquals": {"aws:SourceAccount": ["123456789012", "9"]}}),
        f"{ACCOUNT} '123456789012', '9'",
    ),
    trusted(
        "condition that a missing key fulfils",
        trusting(Condition={"StringEqualsIfExists": {"aws:SourceAccount": "123456789012"}}),
        f"{ACCOUNT} empty",
    ),
    trusted(
        "second statement",
        edit("roles", TASK, trust=lambda d: document(*d["Statement"], statement(Principal="*"))),
        f"{NOBODY} '*'",
    ),
    trusted("denied", trusting(Effect="Deny"), "the trust policy's effect is 'Deny'"),
    trusted(
        "no statement", edit("roles", TASK, trust=document()), "the trust policy's effect is empty"
    ),
]

OPEN = [
    Case(access.roles_have_no_wildcard, "attached", edit("roles", TASK, attached=Unknown())),
    Case(access.roles_have_no_wildcard, "one attached", attach(TASK, Unknown())),
    Case(access.roles_have_no_wildcard, "inline", edit("roles", TASK, inline=(Unknown(),))),
    Case(access.roles_have_no_wildcard, "document", edit("policies", document=Unknown())),
    Case(access.nothing_else_grants_dynamodb, "inline", edit("roles", TASK, inline=(Unknown(),))),
    Case(access.nothing_else_grants_dynamodb, "attached", attach(TASK, Unknown())),
    Case(access.task_role_has_the_policy, "attached", edit("roles", TASK, attached=Unknown())),
    Case(access.task_role_has_the_policy, "one", edit("roles", TASK, attached=(Unknown(),))),
    Case(access.task_role_has_the_policy, "role", edit("task_definitions", task_role=Unknown())),
    Case(
        access.only_the_task_role_has_the_policy,
        "task role",
        edit("task_definitions", task_role=Unknown()),
    ),
    Case(
        access.only_the_task_role_has_the_policy,
        "attached",
        edit("roles", EXECUTION, attached=Unknown()),
    ),
    Case(access.only_the_task_role_has_the_policy, "one", attach(EXECUTION, Unknown())),
    Case(access.only_tasks_assume_the_roles, "trust", edit("roles", TASK, trust=Unknown())),
    Case(access.only_tasks_assume_the_roles, "no trust yet", edit("roles", TASK, trust=None)),
]

HARMLESS = [
    Case(
        access.roles_have_no_wildcard,
        "denial of everything but some",
        inline({"Effect": "Deny", "NotAction": ["s3:*", "dynamodb:*"], "Resource": "*"}),
    ),
    Case(
        access.only_tasks_assume_the_roles,
        "lists of one",
        trusting(
            Principal={"Service": ["ecs-tasks.amazonaws.com"]},
            Condition={"StringEquals": {"AWS:sourceaccount": ["123456789012"]}},
        ),
    ),
    Case(
        access.only_the_task_role_has_the_policy,
        "unrelated role",
        copy("roles", EXECUTION, address="aws_iam_role.other", name="other", arn="arn:other"),
    ),
]
