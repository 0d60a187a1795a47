"""Uploads belong to users: the bucket's public access block must have all four settings on."""

from fsp.policy import Answer, Policy, expect, is_on
from fsp.resources import Resource

ID = "CKV_FSP_17"
NAME = "A public access block blocks everything"
SEVERITY = "HIGH"
CRITERION = "encryption"
GUIDELINE = (
    "With one of the four settings off, which is the default, an ACL or a policy can make the "
    "bucket public. Set block_public_acls, block_public_policy, ignore_public_acls and "
    "restrict_public_buckets to true."
)

SWITCHES = (
    "block_public_acls",
    "block_public_policy",
    "ignore_public_acls",
    "restrict_public_buckets",
)


def judge(block: Resource) -> list[Answer]:
    """All four are on."""
    return [expect(block.value(name), is_on, name) for name in SWITCHES]


check = Policy(ID, NAME, GUIDELINE, ["aws_s3_bucket_public_access_block"], judge)
