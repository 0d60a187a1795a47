"""Time to live: links must expire, and items of other tables must not.

Tables are identified by their hash key, which is known in source and plans; names often are not.
"""

from fsp.policy import Answer, Policy, expect, is_on, setting, unknown
from fsp.resources import Resource
from fsp.values import UNKNOWN

ID = "CKV_FSP_2"
NAME = "Links expire by time to live, and no other items do"
SEVERITY = "HIGH"
CRITERION = "time-to-live"
GUIDELINE = (
    "Expired links stay indefinitely without time to live, and other tables lose items with "
    "it. In the links table (hash key short_code) write `ttl { attribute_name = "
    '"expires_at_ttl", enabled = true }`; use no ttl block in any other table.'
)

# The hash key of tables whose items expire, and their TTL attribute.
EXPIRING = {"short_code": "expires_at_ttl"}


def judge(table: Resource) -> list[Answer]:
    """Only the links table has TTL, with its attribute."""
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
