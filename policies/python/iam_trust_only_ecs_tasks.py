"""The roles of a task: only ECS may assume them, and only for tasks of this account.

Without the condition, ECS could be made to use the role for a task of another account (the confused
deputy problem, https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html). It applies
to roles that name ecs-tasks or that a task definition names; the plan rung checks the account's id.
"""

import re
from typing import Any

from fsp.documents import Statement, statements
from fsp.policy import Answer, Policy, fail, hold, unknown
from fsp.resources import Resource
from fsp.roles import use_of
from fsp.values import GAP, UNKNOWN, gapped, known

ID = "CKV_FSP_11"
NAME = "A task's role trusts only ECS tasks of this account"
SEVERITY = "HIGH"
CRITERION = "task-role-permissions"
GUIDELINE = (
    "A role that others may assume, or that ECS may assume for another account, gives away the "
    "application's permissions. Let its trust policy allow sts:AssumeRole only to the service "
    "ecs-tasks.amazonaws.com, with the condition StringEquals aws:SourceAccount (or ArnLike "
    "aws:SourceArn) for this account."
)

ECS_TASKS = "ecs-tasks.amazonaws.com"
OPERATORS = {
    "aws:sourceaccount": {"StringEquals", "StringLike"},
    "aws:sourcearn": {"ArnEquals", "ArnLike", "StringEquals", "StringLike"},
}
# The caller's account is this account.
_OWN_ACCOUNT = re.compile(r"data\.aws_caller_identity\.[\w-]+(\[0\])?\.account_id")


def judge(role: Resource) -> list[Answer]:
    """If this is a role of a task, each allowing statement of its trust policy is limited."""
    found = statements(role, "assume_role_policy")
    used = use_of(role)
    if found is UNKNOWN:
        return [unknown("the trust policy is not known yet")] if used is not False else []
    allowing = [one for one in found if one.allows is not False]
    if not any(_names_ecs(one) for one in allowing):
        if used is UNKNOWN:
            return [unknown("whether a task runs as the role is not known yet")]
        if used is False:
            return []
    return [_of_statement(one) for one in allowing] or [fail("no statement allows sts:AssumeRole")]


def _names_ecs(statement: Statement) -> bool:
    principals = statement.principals
    return principals is not UNKNOWN and any(one == ECS_TASKS for _, one in principals)


def _of_statement(statement: Statement) -> Answer:
    if UNKNOWN in (statement.principals, statement.conditions, statement.allows):
        return unknown("who may assume the role is not known yet")
    if not statement.principals:
        return fail("it has no principal")
    for kind, name in statement.principals:
        if (kind, name) != ("Service", ECS_TASKS) and known(name) is not UNKNOWN:
            return fail(f"{name} may assume the role")
    if any(known(name) is UNKNOWN for _, name in statement.principals):
        return unknown("who may assume the role is not known yet")
    limits = [_limit(*condition) for condition in statement.conditions]
    if True in limits:
        return hold("only ECS tasks of this account may assume the role")
    if UNKNOWN in limits:
        return unknown("the condition on the account is not known yet")
    return fail("ECS may assume the role for tasks of any account")


def _limit(operator: Any, key: Any, values: list[Any]) -> Any:
    """Whether a condition limits the role to one account: True, False or UNKNOWN."""
    if UNKNOWN in (operator, key):
        return UNKNOWN
    accounts = [_account(str(key).lower(), value) for value in values]
    if operator not in OPERATORS.get(str(key).lower(), ()) or not accounts:
        return False
    if any(not _is_account(one) and GAP not in one for one in accounts):
        return False
    return all(_is_account(one) for one in accounts) or UNKNOWN


def _account(key: str, value: Any) -> str:
    """The account of a value, `this` for the caller's account."""
    text = gapped(_OWN_ACCOUNT.sub("this", str(value)).replace("${this}", "this"))
    if key == "aws:sourceaccount":
        return text
    parts = text.split(":", 5)
    return parts[4] if len(parts) == 6 else GAP if GAP in text else ""


def _is_account(text: str) -> bool:
    return text == "this" or bool(re.fullmatch(r"\d{12}", text))


check = Policy(ID, NAME, GUIDELINE, ["aws_iam_role"], judge)
