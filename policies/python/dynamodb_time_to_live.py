"""Time to live: links must expire, and no other table may lose items by itself.

Tables are told apart by their hash key, which is known in source and in plans; names often are not.
"""

from fsp.policy import Answer, Policy, expect, is_on, setting, unknown
from fsp.resources import Resource
from fsp.values import UNKNOWN

ID = "CKV_FSP_2"
NAME = "Links expire by time to live, and nothing else does"
SEVERITY = "HIGH"
CRITERION = "time-to-live"
GUIDELINE = (
    "Expired links stay for ever without time to live, and a table of lasting data loses items "
    "with it. In the links table (hash key short_code) write `ttl { attribute_name = "
    '"expires_at_ttl", enabled = true }`, and no ttl block in any other.'
)

# Hash key of each table whose items expire, with the attribute that says when.
EXPIRING = {"short_code": "expires_at_ttl"}


def judge(table: Resource) -> list[Answer]:
    """The links table, and only it, has its TTL attribute."""
    hash_key = table.value("hash_key")
    if hash_key is UNKNOWN:
        return [unknown("hash_key is not known yet, so neither is whether items should expire")]
    enabled = setting(table, "ttl", "enabled")
    if hash_key not in EXPIRING:
        return [expect(enabled, lambda on: on is not True, "time to live of lasting items")]
    if enabled is not True:
        return [expect(enabled, is_on, "time to live")]
    attribute = setting(table, "ttl", "attribute_name")
    return [expect(attribute, lambda name: name == EXPIRING[hash_key], "its attribute")]


check = Policy(ID, NAME, GUIDELINE, ["aws_dynamodb_table"], judge)
