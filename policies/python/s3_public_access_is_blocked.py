"""What users upload is theirs: the bucket's public access block must block all four ways in."""

from fsp.policy import Answer, Policy, expect, is_on
from fsp.resources import Resource

ID = "CKV_FSP_17"
NAME = "A public access block blocks everything"
SEVERITY = "HIGH"
CRITERION = "encryption"
GUIDELINE = (
    "A block with one of its four switches off, which is their default, leaves a way to open the "
    "bucket to everyone. Set block_public_acls, block_public_policy, ignore_public_acls and "
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
