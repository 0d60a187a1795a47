"""Point-in-time recovery: without it, items overwritten by a faulty release are lost."""

from fsp.policy import Answer, Policy, expect, is_on, setting
from fsp.resources import Resource

ID = "CKV_FSP_1"
NAME = "A table has point-in-time recovery"
SEVERITY = "HIGH"
CRITERION = "point-in-time-recovery"
GUIDELINE = (
    "Without point-in-time recovery, items that are overwritten or deleted by mistake are lost. "
    "Write `point_in_time_recovery { enabled = true }` in the table."
)


def judge(table: Resource) -> list[Answer]:
    """Recovery is on."""
    enabled = setting(table, "point_in_time_recovery", "enabled")
    return [expect(enabled, is_on, "point-in-time recovery")]


check = Policy(ID, NAME, GUIDELINE, ["aws_dynamodb_table"], judge)
