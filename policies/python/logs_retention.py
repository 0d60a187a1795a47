"""Log retention: logs that are gone explain no incident, and logs kept for ever cost for ever."""

from typing import Any

from fsp.policy import Answer, Policy, expect
from fsp.resources import Resource

ID = "CKV_FSP_16"
NAME = "Logs are kept for 7 to 400 days"
SEVERITY = "MEDIUM"
CRITERION = "tasks-stable"
GUIDELINE = (
    "A log group without retention_in_days keeps everything for ever, with whatever it holds about "
    "users; a few days explain no incident. Set retention_in_days to 7 at least and 400 at most."
)

DAYS = range(7, 401)


def is_within(days: Any) -> bool:
    """Whether so many days are within bounds; 0 and null mean for ever."""
    return str(days).isdigit() and int(days) in DAYS


def judge(group: Resource) -> list[Answer]:
    """The number of days is within bounds."""
    return [expect(group.value("retention_in_days"), is_within, "retention_in_days")]


check = Policy(ID, NAME, GUIDELINE, ["aws_cloudwatch_log_group"], judge)
