"""Roles that may do too much, lack the policy, or can be assumed by somebody else."""

from __future__ import annotations

from typing import Any

from tests.checks.edits import Change, copy, edit, together
from tests.checks.kit import Case, Check, Twin
from tests.checks.roles import (
    ARN,
    EXECUTION,
    OBJECTS,
    TABLE,
    TASK,
    UPDATE,
    allow,
    attach,
    bounded,
    deny,
    document,
    inline,
    managed,
    without,
)
from verification.checks import PRIVILEGE_CHECKS
from verification.checks.stack import access, privileges
from verification.model.ternary import Unknown
from verification.model.verdict import Verdict

BEYOND = privileges.allow_nothing_beyond
LACKING = privileges.allow_all_of_the_contract
REAL = privileges.name_real_actions
CALLED = privileges.allow_what_is_called
USED = privileges.grant_what_is_called
WITHIN = (
    allow(
        [f"dynamodb:{verb}Item" for verb in ("Get", "Put", "Update", "Delete")]
        + [f"dynamodb:{what}" for what in ("Query", "Scan", "Batch*Item")],
        [f"{TABLE}{name}{end}" for name in ("users", "urls") for end in ("", "/index/*")],
    ),
    allow(["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], OBJECTS),
)
EVERYBODY = allow("sts:AssumeRole", None, Principal="*")
UNDECIDED = Verdict.UNKNOWN
NOBODY = "the principals of the trust policy are"
ACCOUNT = "the aws:SourceAccount values of the trust policy are"


def trusting(at: str = TASK, **changes: Any) -> Change:
    """Change the only statement of a role's trust policy."""
    return edit("roles", at, trust=lambda d: d | {"Statement": [d["Statement"][0] | changes]})


def beyond(what: str, change: Change, says: str, *also: Check) -> Twin:
    """A task role whose policies beside the contract's allow too much."""
    return Twin(BEYOND, what, change, TASK, says, also=also)


def trusted(what: str, change: Change, says: str, at: str = TASK) -> Twin:
    """A role that somebody else may assume."""
    return Twin(access.only_tasks_assume_the_roles, what, change, at, says)


TWINS = [
    beyond(
        "administrator by hand",
        inline(allow("*", "*")),
        "more on *, which the contract does not grant (statement 1 of inline policy 2). Remove it, "
        "or add it to [[access.others]] in the contract; only the contract's policy may grant "
        "access to tables.",
        USED,
        REAL,
    ),
    beyond("every action of S3", inline(allow("s3:*", OBJECTS)), "s3:AbortMultipart", USED, REAL),
    beyond("wildcard within", inline(allow("s3:*Object", OBJECTS)), "s3:RestoreObject", USED, REAL),
    beyond("every resource", inline(allow("s3:GetObject", "*")), "s3:GetObject on *"),
    beyond("every bucket", inline(allow("s3:GetObject", "arn:aws:s3:::*")), "on arn:aws:s3:::*"),
    beyond("every service", inline(allow("s3:GetObject", "arn:aws:*")), "s3:GetObject on arn:aws:"),
    beyond(
        "all actions but some",
        inline({"Effect": "Allow", "NotAction": "iam:*", "Resource": f"{TABLE}users"}),
        "dynamodb:CreateTable",
        USED,
    ),
    beyond(
        "all resources but some",
        inline({"Effect": "Allow", "Action": "s3:GetObject", "NotResource": OBJECTS}),
        "s3:GetObject on *",
    ),
    beyond(
        "AWS's administrator policy",
        attach(TASK, "arn:aws:iam::aws:policy/AdministratorAccess"),
        "arn:aws:iam::aws:policy/AdministratorAccess is attached, but is not in the stack, so its "
        "content is unknown. Detach it, and grant the needed actions in a policy of the stack.",
    ),
    beyond(
        "customer-managed policy that is wide",
        managed("wide", allow("s3:*", OBJECTS)),
        f"more on {OBJECTS}, which the contract does not grant (statement 1 of wide)",
        USED,
        REAL,
    ),
    beyond(
        "wide beside an unknown policy",
        together(edit("roles", TASK, inline=(Unknown(),)), inline(allow("s3:*", OBJECTS))),
        "s3:AbortMultipartUpload",
        USED,
        REAL,
    ),
    beyond(
        "ninth action in an inline policy",
        inline(allow("dynamodb:DeleteTable", f"{TABLE}users")),
        f"allows dynamodb:DeleteTable on {TABLE}users",
        USED,
    ),
    beyond(
        "ninth action in a second policy",
        managed("more", allow("DynamoDB:DeleteTable", f"{TABLE}users")),
        f"allows dynamodb:DeleteTable on {TABLE}users",
        USED,
    ),
    beyond(
        "planned action in an inline policy",
        inline(allow(UPDATE, f"{TABLE}urls")),
        f"allows {UPDATE} on {TABLE}urls, which the contract does not grant",
    ),
    beyond(
        "planned action moved to an inline policy",
        together(without(UPDATE), inline(allow(UPDATE, [f"{TABLE}users", f"{TABLE}urls"]))),
        f"allows {UPDATE} on {TABLE}urls, which the contract does not grant",
    ),
    beyond(
        "administrator within a boundary",
        together(inline(allow("*", "*")), bounded(*WITHIN)),
        f"on {TABLE}users, which the contract does not grant (statement 1 of inline policy 2)",
        USED,
        REAL,
    ),
    beyond(
        "writes parameters",
        inline(allow("ssm:PutParameter", "arn:aws:ssm:us-east-1:123456789012:parameter/a")),
        "allows ssm:PutParameter on arn:aws:ssm:us-east-1:123456789012:parameter/a, which the "
        "contract does not grant",
        USED,
    ),
    beyond("passes roles", inline(allow("iam:PassRole", "*")), "iam:PassRole on *", USED),
    beyond(
        "another table",
        inline(allow("dynamodb:PutItem", f"{TABLE}audit")),
        f"dynamodb:PutItem on {TABLE}audit",
        USED,
    ),
    beyond(
        "another environment's table",
        inline(allow("dynamodb:GetItem", TABLE.replace("prod", "dev") + "users")),
        "table/file-sharing-app-dev-users",
        USED,
    ),
    beyond(
        "misspelt action",
        inline(allow("dynamodb:GetItems", f"{TABLE}users")),
        "dynamodb:GetItems",
        USED,
        REAL,
    ),
    Twin(
        REAL,
        "misspelt denial",
        inline(deny("dynamo:GetItem", "*")),
        TASK,
        "names dynamo:GetItem, which is not an AWS action. Write dynamodb:GetItem.",
    ),
    Twin(
        CALLED,
        "boundary that forbids what is needed",
        bounded(allow(["dynamodb:Get*", "dynamodb:Query", "s3:*"], "*")),
        TASK,
        f"{UPDATE} on {TABLE}users (backend/dynamodb_adapter.py:",
        also=(LACKING,),
    ),
    Twin(
        LACKING,
        "denial of what is needed",
        inline(deny(UPDATE, f"{TABLE}users")),
        TASK,
        f"{UPDATE} on {TABLE}users",
        also=(CALLED,),
    ),
    Twin(
        LACKING,
        "only over TLS",
        inline(
            deny("dynamodb:Scan", "*") | {"Condition": {"Bool": {"aws:SecureTransport": False}}}
        ),
        TASK,
        "where aws:SecureTransport is 'false'",
    ),
    Twin(
        USED,
        "what nothing calls",
        inline(allow("sns:Publish", "*")),
        TASK,
        "statement 1 of inline policy 2 grants sns:Publish on *, which is not called. Remove it.",
        also=(BEYOND,),
    ),
    Twin(
        access.task_role_has_the_policy,
        "not attached",
        edit("roles", TASK, attached=()),
        TASK,
        f"{ARN} is not attached. Pass module.dynamodb.policy_arn",
        also=(LACKING, CALLED),
    ),
    Twin(
        access.task_role_has_the_policy,
        "dev's attached instead",
        edit("roles", TASK, attached=(ARN.replace("prod", "dev"),)),
        TASK,
        f"{ARN} is not attached",
        also=(BEYOND,),
    ),
    Twin(
        access.task_role_has_the_policy,
        "attached to the execution role instead",
        together(edit("roles", TASK, attached=()), attach(EXECUTION, ARN)),
        TASK,
        f"{ARN} is not attached",
        also=(access.only_the_task_role_has_the_policy, LACKING, CALLED, BEYOND),
    ),
    Twin(
        access.task_role_has_the_policy,
        "tasks run as nobody",
        edit("task_definitions", task_role=None),
        "aws_ecs_task_definition.backend",
        "its task role is not set",
        also=(access.only_the_task_role_has_the_policy, *PRIVILEGE_CHECKS),
    ),
    Twin(
        access.task_role_has_the_policy,
        "tasks run as a role from elsewhere",
        edit("task_definitions", task_role="arn:aws:iam::999999999999:role/other"),
        "aws_ecs_task_definition.backend",
        "its task role is 'arn:aws:iam::999999999999:role/other'",
        also=(access.only_the_task_role_has_the_policy, *PRIVILEGE_CHECKS),
        planned=UNDECIDED,
    ),
    Twin(
        access.only_the_task_role_has_the_policy,
        "attached to the execution role too",
        attach(EXECUTION, ARN),
        EXECUTION,
        f"{ARN} is attached. Detach it.",
        also=(BEYOND,),
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
        also=(BEYOND,),
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
    trusted("no condition", trusting(Condition={}), f"{ACCOUNT} none; expected '123456789012'"),
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
        f"{ACCOUNT} none",
    ),
    trusted(
        "second statement",
        edit("roles", TASK, trust=lambda d: document(*d["Statement"], EVERYBODY)),
        f"{NOBODY} '*'",
    ),
    trusted("denied", trusting(Effect="Deny"), "effects of the trust policy are 'Deny'"),
    trusted(
        "no statement",
        edit("roles", TASK, trust=document()),
        "effects of the trust policy are none",
    ),
]

OPEN = [
    *(
        Case(check, what, change)
        for check in (BEYOND, LACKING, CALLED)
        for what, change in (
            ("attached", edit("roles", TASK, attached=Unknown())),
            ("one attached", attach(TASK, Unknown())),
            ("inline", edit("roles", TASK, inline=(Unknown(),))),
        )
    ),
    Case(BEYOND, "resource", inline(allow("s3:GetObject", Unknown("aws_x.y.arn")))),
    *(
        Case(check, "boundary", edit("roles", TASK, boundary="arn:aws:iam::aws:policy/X"))
        for check in (LACKING, CALLED)
    ),
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
    Case(BEYOND, "granted twice", inline(allow("s3:GetObject", OBJECTS))),
    Case(BEYOND, "boundary of just what is granted", bounded(*WITHIN)),
    Case(
        BEYOND,
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
