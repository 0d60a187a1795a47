"""Exact ARNs: a wildcard for region, account or table allows more than intended."""

from fnmatch import fnmatchcase
from typing import Any

from fsp.documents import IDENTITY, Statement, statements
from fsp.policy import Answer, Policy, fail, hold, unknown
from fsp.resources import Resource
from fsp.values import GAP, UNKNOWN, gapped

ID = "CKV_FSP_8"
NAME = "DynamoDB is allowed on exact tables: no wildcard for region, account or table"
SEVERITY = "HIGH"
CRITERION = "least-privilege"
GUIDELINE = (
    "A wildcard in the region, account or table of an ARN matches tables of other environments and "
    "future ones. List each table: arn:aws:dynamodb:REGION:ACCOUNT:table/NAME; its indexes may "
    "be NAME/index/*."
)

PARTS = ("partition", "service", "region", "account", "table")


def judge(policy: Resource) -> list[Answer]:
    """Each resource of each statement that allows DynamoDB is exact."""
    found = statements(policy, IDENTITY[policy.kind])
    if found is UNKNOWN:
        return [unknown("the policy document is not known yet")]
    return [answer for one in found for answer in _of_statement(one)]


def _of_statement(statement: Statement) -> list[Answer]:
    allows = statement.allows_any_of("dynamodb")
    if allows is False:
        return []
    if allows is UNKNOWN:
        return [unknown("whether a statement allows DynamoDB is not known yet")]
    if statement.not_resources:
        if statement.not_resources is UNKNOWN:
            return [unknown("whether it has not_resources is not known yet")]
        return [fail("NotResource allows all other resources")]
    if statement.resources is UNKNOWN:
        return [unknown("the resources of a statement are not known yet")]
    return [_of_resource(resource) for resource in statement.resources]


def _of_resource(resource: Any) -> Answer:
    """Wildcards fail even if other parts are not known yet."""
    text = gapped(str(resource))
    parts = text.split(":", 5)
    if text == "*":
        return fail("Resource * allows every table of every account")
    if GAP in parts[0] or len(parts) < 6:
        return unknown(f"which tables {_shown(text)} names is not known yet")
    if parts[2] != GAP and not fnmatchcase("dynamodb", parts[2]):
        return hold(f"{_shown(text)} is not a table")
    # Anything may follow the table's name, because it is within the table.
    exact = [*parts[1:5], parts[5].removeprefix("table/").partition("/")[0]]
    for what, part in zip(PARTS, exact, strict=True):
        if "*" in part or "?" in part:
            return fail(f"{_shown(text)} has a wildcard for its {what}")
    if GAP in text:
        return unknown(f"{_shown(text)} is not fully known yet")
    return hold(f"{text} is exact")


def _shown(text: str) -> str:
    return text.replace(GAP, "...")


check = Policy(ID, NAME, GUIDELINE, list(IDENTITY), judge)
