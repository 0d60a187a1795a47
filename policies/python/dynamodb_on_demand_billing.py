"""On-demand billing: provisioned capacity throttles peaks and costs money when idle."""

from fsp.policy import Answer, Policy, expect
from fsp.resources import Resource

ID = "CKV_FSP_5"
NAME = "A table is billed on demand"
SEVERITY = "MEDIUM"
CRITERION = "no-throttling"
GUIDELINE = (
    "A table with provisioned capacity, which is the default, throttles requests above it. "
    'Set billing_mode = "PAY_PER_REQUEST", without read_capacity and write_capacity.'
)


def judge(table: Resource) -> list[Answer]:
    """The mode is PAY_PER_REQUEST."""
    mode = table.value("billing_mode")
    return [expect(mode, lambda value: value == "PAY_PER_REQUEST", "billing_mode")]


check = Policy(ID, NAME, GUIDELINE, ["aws_dynamodb_table"], judge)
