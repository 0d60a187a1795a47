"""The checks of access catch each way to grant more, less, or to somebody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.checks.kit import (
    Case,
    Change,
    Twin,
    assert_caught,
    assert_good,
    assert_harmless,
    assert_open,
    copy,
    drop,
    edit,
    together,
)
from verification.checks import access
from verification.checks.registry import checks_in, name_of
from verification.model.values import Unknown, Verdict

CHECKS = checks_in((access,))
POLICY = "aws_iam_policy.dynamodb_access"
TASK = "aws_iam_role.flask_app_task"
EXECUTION = "aws_iam_role.flask_app_execution"
ARN = "arn:aws:iam::123456789012:policy/file-sharing-app-prod-dynamodb-access"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/file-sharing-app-prod-"
OBJECTS = "arn:aws:s3:::file-sharing-app-prod-uploads-123456789012/uploads/*"
WILD = (access.roles_have_no_wildcard,)
FOREIGN = (access.nothing_else_grants_dynamodb,)
UNDECIDED = Verdict.UNKNOWN


def statement(**more: Any) -> dict[str, Any]:
    """A statement that allows reading an object, or what is said instead."""
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": OBJECTS} | more


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """A policy of some statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def policy(change: Callable[[dict[str, Any]], Any]) -> Change:
    """Change the only statement of the DynamoDB policy."""
    return edit("policies", POLICY, document=lambda d: d | {"Statement": change(d["Statement"][0])})


def amended(**changes: Any) -> Change:
    """Replace elements of that statement; a function is given the old one."""
    return policy(lambda s: s | {k: v(s.get(k)) if callable(v) else v for k, v in changes.items()})


def swapped(old: str, new: str) -> Callable[[list[str]], list[str]]:
    """Replace text in each of a statement's resources."""
    return lambda resources: [resource.replace(old, new) for resource in resources]


def trusting(at: str = TASK, **changes: Any) -> Change:
    """Change the only statement of a role's trust policy."""
    return edit("roles", at, trust=lambda d: d | {"Statement": [d["Statement"][0] | changes]})


def inline(*statements: dict[str, Any]) -> Change:
    """Give the task role one more inline policy."""
    return edit("roles", TASK, inline=lambda old: (*old, document(*statements)))


def attach(at: str, *arns: object) -> Change:
    """Attach more policies to a role."""
    return edit("roles", at, attached=lambda old: (*old, *arns))


def split(one: dict[str, Any]) -> list[dict[str, Any]]:
    """The same grants in two statements, one for each half of the actions."""
    return [one | {"Action": one["Action"][:3], "Sid": "A"}, one | {"Action": one["Action"][3:]}]


def exact(what: str, change: Change, says: str, **more: Any) -> Twin:
    """A policy that is not the planned one."""
    return Twin(access.policy_is_exact, what, change, POLICY, says, **more)


def wide(what: str, change: Change, says: str, **more: Any) -> Twin:
    """A task role that may do too much."""
    return Twin(access.roles_have_no_wildcard, what, change, TASK, says, **more)


def trusted(what: str, change: Change, says: str, at: str = TASK) -> Twin:
    """A role that somebody else may assume."""
    return Twin(access.only_tasks_assume_the_roles, what, change, at, says)


NOBODY = "whom the trust policy names is"
ACCOUNT = "aws:SourceAccount of the trust policy is"
TWINS = [
    exact(
        "ninth action",
        amended(Action=lambda old: [*old, "dynamodb:DeleteTable"]),
        f"dynamodb:DeleteTable on {TABLE}users is allowed. Remove it.",
    ),
    exact(
        "every action",
        amended(Action="dynamodb:*"),
        f"dynamodb:* on {TABLE}users is allowed",
        also=WILD,
    ),
    exact(
        "every reading action",
        amended(Action=lambda old: [*old, "dynamodb:Get*"]),
        f"dynamodb:Get* on {TABLE}users is allowed",
        also=WILD,
    ),
    exact("every resource", amended(Resource="*"), "dynamodb:GetItem on * is allowed", also=WILD),
    exact(
        "every region and account, as the plan has it",
        amended(Resource=swapped("us-east-1:123456789012", "*:*")),
        "on arn:aws:dynamodb:*:*:table/file-sharing-app-prod-users is allowed",
        also=WILD,
    ),
    exact(
        "other region",
        amended(Resource=swapped("us-east-1", "eu-west-1")),
        f"dynamodb:GetItem on {TABLE}users is not allowed. Allow it.",
    ),
    exact(
        "other account",
        amended(Resource=swapped("123456789012", "999999999999")),
        "on arn:aws:dynamodb:us-east-1:999999999999:table/file-sharing-app-prod-users is allowed",
    ),
    exact(
        "dev's table",
        amended(Resource=swapped("prod-urls", "dev-urls")),
        f"{TABLE}urls is not allowed",
    ),
    exact(
        "every table",
        amended(Resource=lambda old: [*old, TABLE + "*"]),
        f"on {TABLE}* is allowed. Remove it.",
    ),
    exact(
        "stream beside the table",
        amended(Resource=lambda old: [*old, TABLE + "users/stream/*"]),
        f"{TABLE}users/stream/* is allowed",
    ),
    exact(
        "resource in other letters",
        amended(Resource=swapped("-users", "-Users")),
        f"on {TABLE}users is not allowed",
    ),
    exact(
        "no indexes",
        amended(Resource=[TABLE + "users", TABLE + "urls"]),
        f"dynamodb:Query on {TABLE}users/index/* is not allowed",
    ),
    exact(
        "no BatchWriteItem",
        amended(Action=lambda old: [a for a in old if a != "dynamodb:BatchWriteItem"]),
        f"dynamodb:BatchWriteItem on {TABLE}users is not allowed",
    ),
    exact(
        "all actions but some",
        policy(lambda s: [s, statement(NotAction="iam:*", Action=None)]),
        "beside Action and Resource is 'NotAction', must be empty",
        also=WILD,
    ),
    exact(
        "all resources but some",
        policy(lambda s: [s, statement(NotResource=OBJECTS, Resource=None)]),
        "'NotResource'",
        also=WILD,
    ),
    exact(
        "only at night",
        amended(Condition={"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}),
        "the list of elements beside Action and Resource is 'Condition', must be empty",
    ),
    exact(
        "another statement",
        policy(lambda s: [s, statement()]),
        f"s3:GetObject on {OBJECTS} is allowed. Remove it.",
    ),
    exact(
        "denial of what is allowed",
        policy(lambda s: [s, s | {"Effect": "Deny"}]),
        "Deny",
    ),
    exact("denied altogether", amended(Effect="Deny"), "dynamodb:GetItem"),
    exact(
        "unknown action on an unknown resource",
        policy(lambda s: [s, s | {"Action": "dynamodb:DeleteTable", "Resource": Unknown()}]),
        "dynamodb:DeleteTable on <known after apply> is allowed",
    ),
    exact(
        "unknown action on every table",
        policy(lambda s: [s, s | {"Action": Unknown(), "Resource": TABLE + "*"}]),
        f"<known after apply> on {TABLE}* is allowed",
    ),
    Twin(
        access.policy_is_exact,
        "removed",
        drop("policies"),
        "file-sharing-app-prod-dynamodb-access",
        "the policy is missing. Add aws_iam_policy.dynamodb_access.",
        also=WILD,
    ),
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
    Case(access.policy_is_exact, "name", edit("policies", name=Unknown())),
    Case(access.policy_is_exact, "document", edit("policies", document=Unknown())),
    Case(access.policy_is_exact, "no document yet", edit("policies", document=None)),
    Case(access.policy_is_exact, "actions", amended(Action=Unknown())),
    Case(access.policy_is_exact, "resources", amended(Resource=[Unknown()])),
    Case(
        access.policy_is_exact,
        "one more resource",
        amended(Resource=lambda old: [*old, Unknown()]),
    ),
    Case(access.policy_is_exact, "one more action", amended(Action=lambda old: [*old, Unknown()])),
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
    Case(access.policy_is_exact, "two statements with the same grants", policy(split)),
    Case(access.policy_is_exact, "one statement, not in a list", policy(lambda s: s)),
    Case(
        access.policy_is_exact,
        "one statement for each action, as a string",
        policy(lambda s: [s | {"Action": action} for action in s["Action"]]),
    ),
    Case(
        access.policy_is_exact,
        "one statement for each resource, as a string",
        policy(lambda s: [s | {"Resource": resource} for resource in s["Resource"]]),
    ),
    Case(
        access.policy_is_exact,
        "lower-case actions",
        amended(Action=lambda old: [action.lower() for action in old]),
    ),
    Case(access.policy_is_exact, "granted twice", policy(lambda s: [s, s])),
    Case(access.policy_is_exact, "no Sid", policy(lambda s: s | {"Sid": ""})),
    Case(
        access.policy_is_exact,
        "other order",
        amended(Action=lambda old: old[::-1], Resource=lambda old: old[::-1]),
    ),
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


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_good_stack_passes(check, environment, planned, applied, contract):
    """This repository's own stack passes, as planned and as applied."""
    assert_good(check, planned[environment], contract)
    assert_good(check, applied[environment], contract)


@pytest.mark.parametrize("twin", TWINS, ids=str)
def test_known_bad_twin_is_caught(twin, planned, applied, contract):
    """A stack that is wrong in one place fails the check that is about it, and no other."""
    assert_caught(twin, planned, applied, contract)


@pytest.mark.parametrize("case", OPEN, ids=str)
def test_unknown_stays_open(case, applied, contract):
    """What is known only after apply neither passes nor fails."""
    assert_open(case, applied, contract)


@pytest.mark.parametrize("case", HARMLESS, ids=str)
def test_harmless_change_passes(case, planned, contract):
    """A change that breaks no promise fails nothing."""
    assert_harmless(case, planned, contract)


def test_dev_is_judged_by_its_own_names(planned, contract):
    """Prod's policy in dev is missing there: names belong to one environment."""
    stack = replace(planned["prod"], environment="dev")
    (finding,) = access.policy_is_exact(stack, contract)
    assert str(finding).startswith("file-sharing-app-dev-dynamodb-access: the policy is missing")
