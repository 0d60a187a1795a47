"""The backend's calls as its source shows them: every way to write one, and of which table."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit import REPOSITORY
from verification.checks.stack import privileges
from verification.engine.aws.iam.analysis.role_privileges import role_privileges, source_needs
from verification.engine.errors import ToolError
from verification.engine.source.backend_calls import SourceCall, source_calls
from verification.model.contract import load_contract
from verification.model.stack import Role, Stack, TaskDefinition
from verification.model.verdict import Verdict

USERS, URLS = "DYNAMODB_USERS_TABLE_NAME", "DYNAMODB_URLS_TABLE_NAME"
CONFIG = f"""
def load(read):
    return Settings(users_table=read.table("{USERS}"), urls_table=read.table("{URLS}"))
"""
STORE = """
import boto3
INDEX = "user-index"
class Store:
    def __init__(self, settings):
        self._users, self._urls = settings.users_table, settings.urls_table
        self._client = boto3.client("dynamodb")
    def act(self, settings, name):
        {}
"""


def calls(folder: Path, line: str, **more: str) -> list[SourceCall]:
    """The calls of a backend whose store has one line."""
    files = {
        "__init__": "",
        "wsgi": "from backend import config, store",
        "config": CONFIG,
        "store": STORE.format(line),
    }
    (folder / "backend").mkdir()
    for name, text in (files | more).items():
        (folder / "backend" / f"{name}.py").write_text(text, encoding="utf-8")
    return list(source_calls(folder))


@pytest.mark.parametrize(
    ("line", "operation", "variables", "index"),
    [
        ("self._client.get_item(TableName=self._users)", "GetItem", (USERS,), ""),
        ("self._client.scan(TableName=settings.urls_table)", "Scan", (URLS,), ""),
        ("call(self._client, 'put_item', TableName=self._urls)", "PutItem", (URLS,), ""),
        (
            "self._client.query(TableName=self._urls, IndexName=INDEX)",
            "Query",
            (URLS,),
            "user-index",
        ),
        ("self._client.get_paginator('scan').paginate(TableName=self._users)", "Scan", (), ""),
        ("table = self._users; self._client.get_item(TableName=table)", "GetItem", (USERS,), ""),
        (
            "for table, key in ((self._users, 1), (self._urls, 2)): "
            "self._client.get_item(TableName=table)",
            "GetItem",
            (URLS, USERS),
            "",
        ),
        ("self._client.delete_item(TableName=name)", "DeleteItem", (), ""),
        ("self._client.batch_writer()", "BatchWriteItem", (), ""),
    ],
)
def test_a_call_is_found(
    tmp_path: Path, line: str, operation: str, variables: tuple[str, ...], index: str
) -> None:
    """Its operation, its table by the variable that names it, and its index."""
    [found] = calls(tmp_path, line)
    assert (found.operation, found.variables, found.index) == (operation, variables, index)
    assert found.place == "backend/store.py:9"


def test_what_the_service_does_not_import_is_not_its_call(tmp_path: Path) -> None:
    """A command of an operator runs with the operator's own permissions."""
    command = "import boto3\nboto3.client('dynamodb').scan(TableName='x')\n"
    assert calls(tmp_path, "pass", command=command) == []


def test_what_is_no_client_makes_no_call(tmp_path: Path) -> None:
    """Without a client of the service, a method of the same name is something else."""
    assert calls(tmp_path, "pass", store="def f(x):\n    x.get_item()\n") == []


def test_no_service_is_an_error(tmp_path: Path) -> None:
    """There is nothing to read where the service is not; nor in what is not Python."""
    with pytest.raises(ToolError, match=r"backend\.wsgi, which the service runs, does not exist"):
        source_calls(tmp_path)
    with pytest.raises(ToolError, match=r"backend/wsgi\.py:1 is not valid Python: "):
        calls(tmp_path, "pass", wsgi="def")


def test_our_own_calls() -> None:
    """This repository's service: what its store's docstring says, and the files' addresses."""
    made = source_calls(REPOSITORY)
    found = {(one.service, one.operation, one.variables, one.index) for one in made}
    assert found == {
        ("dynamodb", "GetItem", (USERS,), ""),
        ("dynamodb", "GetItem", (URLS, USERS), ""),
        ("dynamodb", "GetItem", (URLS,), ""),
        ("dynamodb", "UpdateItem", (USERS,), ""),
        ("dynamodb", "UpdateItem", (URLS,), ""),
        ("dynamodb", "PutItem", (URLS,), ""),
        ("dynamodb", "DeleteItem", (URLS,), ""),
        ("dynamodb", "Query", (URLS,), "user-index"),
        ("s3", "DeleteObject", (), ""),
        ("s3", "GetObject", (), ""),
        ("s3", "PutObject", (), ""),
    }


def granting(*actions: str) -> Stack:
    """A stack whose task role may do this with the users table."""
    arn = "arn:aws:dynamodb:us-east-1:123456789012:table/file-sharing-app-dev-users"
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": arn}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    role = Role(address="r", name="r", arn="r", trust=None, attached=(), inline=(document,))
    task = TaskDefinition(
        address="t",
        arn="t",
        task_role="r",
        execution_role=None,
        network_mode=None,
        launch_types=(),
        containers=(),
    )
    return Stack(
        environment="dev",
        account="123456789012",
        region="us-east-1",
        partition="aws",
        roles=(role,),
        task_definitions=(task,),
    )


def test_a_backend_that_scans_without_a_grant_fails(tmp_path: Path) -> None:
    """The plan rung names action, table and line of a call that IAM would refuse."""
    contract = load_contract(REPOSITORY / "verification/contract.toml")
    found = calls(tmp_path, "self._client.scan(TableName=self._users)")

    def judged(stack: Stack) -> list[str]:
        needs = source_needs(found, stack, contract)
        findings = privileges.allow_what_is_called(role_privileges(stack, contract, needs))
        return [str(one) for one in findings if one.verdict is not Verdict.PASS]

    assert judged(granting("dynamodb:Scan")) == []
    [text] = judged(granting("dynamodb:GetItem"))
    assert "dynamodb:Scan on arn:aws:dynamodb:us-east-1:123456789012:table/" in text
    assert (
        "-dev-users (backend/store.py:9) is not allowed. Allow the action in terraform/modules"
        in text
    )
