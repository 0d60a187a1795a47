"""Log retention: long enough to investigate incidents, but not indefinite."""

from typing import Any

from fsp.policy import Answer, Policy, expect
from fsp.resources import Resource

ID = "CKV_FSP_16"
NAME = "Logs are kept for 7 to 400 days"
SEVERITY = "MEDIUM"
CRITERION = "tasks-stable"
GUIDELINE = (
    "A log group without retention_in_days keeps everything indefinitely, including data about "
    "users; a few days are too short for incidents. Set retention_in_days to 7 to 400."
)

DAYS = range(7, 401)


def is_within(days: Any) -> bool:
    """Whether a number of days is within bounds; 0 and null mean indefinitely."""
    return str(days).isdigit() and int(days) in DAYS


def judge(group: Resource) -> list[Answer]:
    """The number of days is within bounds."""
    return [expect(group.value("retention_in_days"), is_within, "retention_in_days")]


check = Policy(ID, NAME, GUIDELINE, ["aws_cloudwatch_log_group"], judge)
