"""The permissions that DynamoDB calls need, by table and action.

Amazon DynamoDB Developer Guide, "Using IAM with DynamoDB transactions", "Using IAM policy
conditions for fine-grained access control" and "IAM security policies with PartiQL for DynamoDB".
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from verification.engine.aws.iam.evaluator.model import ContextValue
from verification.engine.aws.iam.required.arn_scope import Pair, Place
from verification.engine.errors import ToolError

# A transaction needs the actions of its items only.
_OF_ITEM = {
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
_ARNS = ("ResourceArn", "BackupArn", "StreamArn", "TableArn", "ExportArn", "ImportArn")
_TABLES = ("TableName", "SourceTableName", "TargetTableName")
_PARTIQL = re.compile(
    r"""\s*(?:EXISTS\s*\(\s*)?
        (?:(SELECT)\b.*?\bFROM|(INSERT)\s+INTO|(DELETE)\s+FROM|(UPDATE))\s+
        "?([\w.:/-]+)"?(?:\."([\w.-]+)")?""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_CONTEXT = {
    "Select": "dynamodb:Select",
    "ReturnValues": "dynamodb:ReturnValues",
    "ReturnConsumedCapacity": "dynamodb:ReturnConsumedCapacity",
}


def pairs(place: Place, name: str, body: Mapping[str, Any]) -> Iterator[Pair]:
    """Yield (action, resource) of the call; nothing if it names no table.

    A batch needs its own action on each table, a transaction the action of each item.
    """
    if "RequestItems" in body:
        yield from ((f"dynamodb:{name}", _table(place, table)) for table in body["RequestItems"])
    elif "TransactItems" in body:
        for item in body["TransactItems"]:
            for kind, action in item.items():
                yield f"dynamodb:{_OF_ITEM[kind]}", _table(place, action["TableName"])
    elif statements := _statements(body):
        yield from (_partiql(place, statement) for statement in statements)
    else:
        yield from ((f"dynamodb:{name}", arn) for arn in _resources(place, body))


def context(name: str, body: Mapping[str, Any]) -> dict[str, ContextValue]:
    """The condition keys that the parameters define.

    Not `dynamodb:LeadingKeys` and `dynamodb:Attributes`, which depend on the table.
    """
    known: dict[str, ContextValue] = {key: body[p] for p, key in _CONTEXT.items() if p in body}
    transaction = name in ("TransactGetItems", "TransactWriteItems", "ExecuteTransaction")
    return known | {"dynamodb:EnclosingOperation": name if transaction else ()}


def _table(place: Place, name: str) -> str:
    return place.arn(name if name.startswith("arn:") else f"table/{name}")


def _resources(place: Place, body: Mapping[str, Any]) -> Iterator[str]:
    yield from (body[key] for key in _ARNS if key in body)
    index = body.get("IndexName")
    for key in _TABLES:
        if key in body:
            yield _table(place, body[key]) + (f"/index/{index}" if index else "")


def _statements(body: Mapping[str, Any]) -> list[str]:
    """The PartiQL statements of a call: single, batch or transaction."""
    many = body.get("Statements", body.get("TransactStatements", [body]))
    return [one["Statement"] for one in many if "Statement" in one]


def _partiql(place: Place, statement: str) -> Pair:
    found = _PARTIQL.match(statement)
    if found is None:
        raise ToolError(f"cannot find the table of the statement: {statement}")
    *verbs, table, index = found.groups()
    arn = _table(place, table) + (f"/index/{index}" if index else "")
    return f"dynamodb:PartiQL{next(filter(None, verbs)).title()}", arn
