"""The policy that allows only what is needed, as JSON and as Terraform."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from verification.engine.aws.iam.analysis.wildcard_examples import meet
from verification.model.contract import Contract
from verification.model.privileges import Need, SmallerPolicy
from verification.model.stack import Stack

_DATA = 'data "aws_iam_policy_document" "dynamodb_access" {'


def smaller_policy(needs: Iterable[Need], stack: Stack, contract: Contract) -> SmallerPolicy:
    """The DynamoDB policy for the needed tables and indexes only.

    A need with an unknown table is granted on every table.
    """
    tables = {contract.table_arn(table, stack): table.key for table in contract.tables}
    granted: dict[str, set[str]] = {}
    for need in needs:
        if need.action.startswith("dynamodb:"):
            for resource in _resources(need, tables):
                granted.setdefault(resource, set()).add(need.action)
    alike: dict[tuple[str, ...], list[str]] = {}
    for resource in sorted(granted, key=lambda one: _sid(one, tables)):
        alike.setdefault(tuple(sorted(granted[resource])), []).append(resource)
    statements = [
        {
            "Sid": "And".join(_sid(one, tables) for one in resources),
            "Effect": "Allow",
            "Action": list(actions),
            "Resource": resources,
        }
        for actions, resources in alike.items()
    ]
    document = {"Version": "2012-10-17", "Statement": statements}
    name = contract.text(contract.access.policy, stack)
    blocks = "\n".join(_block(one, tables) for one in statements)
    return SmallerPolicy(
        stack.environment, name, json.dumps(document, indent=2), f"{_DATA}\n{blocks}}}\n"
    )


def _resources(need: Need, tables: Iterable[str]) -> list[str]:
    return [need.resource] if need.exact else [one for one in tables if meet(one, need.resource)]


def _sid(resource: str, tables: Mapping[str, str]) -> str:
    """The Sid of a table or an index: Users, UrlsUserIndex."""
    table, _, index = resource.partition("/index/")
    words = re.findall(r"[A-Za-z0-9]+", f"{tables.get(table, 'other')} {index}")
    return "".join(word.capitalize() for word in words)


def _block(statement: Mapping[str, object], tables: Mapping[str, str]) -> str:
    actions, resources = statement["Action"], statement["Resource"]
    assert isinstance(actions, list)
    assert isinstance(resources, list)
    return (
        "  statement {\n"
        f'    sid = "{statement["Sid"]}"\n\n'
        f"    actions = [\n{_lines(json.dumps(one) for one in actions)}    ]\n\n"
        f"    resources = [\n{_lines(_expression(one, tables) for one in resources)}    ]\n"
        "  }\n"
    )


def _lines(values: Iterable[str]) -> str:
    return "".join(f"      {value},\n" for value in values)


def _expression(resource: str, tables: Mapping[str, str]) -> str:
    """A resource as the module names it: by its table's key, the same in every environment."""
    table, separator, index = resource.partition("/index/")
    if table not in tables:
        return json.dumps(resource)
    local = f"local.table_arns.{tables[table]}"
    return f'"${{{local}}}/index/{index}"' if separator else local
