"""Encryption at rest with a key of this account, whose use is logged and can be revoked."""

from fsp.policy import Answer, Policy, expect, is_on, setting
from fsp.resources import Resource

ID = "CKV_FSP_3"
NAME = "A table is encrypted with a KMS key of this account"
SEVERITY = "HIGH"
CRITERION = "encryption"
GUIDELINE = (
    "A table without server_side_encryption uses a key owned by AWS, whose use is not logged and "
    "cannot be revoked. Write `server_side_encryption { enabled = true }` in the table, with "
    "kms_key_arn for a customer-managed key."
)


def judge(table: Resource) -> list[Answer]:
    """Encryption with KMS is on."""
    enabled = setting(table, "server_side_encryption", "enabled")
    return [expect(enabled, is_on, "server-side encryption")]


check = Policy(ID, NAME, GUIDELINE, ["aws_dynamodb_table"], judge)
