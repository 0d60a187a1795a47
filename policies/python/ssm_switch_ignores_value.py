"""The switch: the next apply must not revert a manual change of use_dynamodb.

A plan has no `lifecycle`, so it is always unknown there, and source decides.
"""

from fsp.policy import Answer, Policy, fail, hold, unknown
from fsp.resources import Resource
from fsp.values import GAP, as_list, gapped

ID = "CKV_FSP_13"
NAME = "Terraform ignores changes of the value of use_dynamodb"
SEVERITY = "HIGH"
CRITERION = "quick-rollback"
GUIDELINE = (
    "The quick rollback sets use_dynamodb = false by hand; without ignore_changes the next apply "
    "reverts it. Write `lifecycle { ignore_changes = [value] }` in the parameter."
)

SWITCH = "/use_dynamodb"


def judge(parameter: Resource) -> list[Answer]:
    """The switch ignores changes of its value; other parameters are not judged."""
    name = parameter.raw("name")
    text = gapped(name) if isinstance(name, str) else GAP
    if not text.endswith((SWITCH, GAP)):
        return []
    if parameter.planned:
        return [unknown("a plan does not show ignored changes")]
    lifecycle = parameter.blocks("lifecycle")
    ignored = [one for block in lifecycle for one in as_list(block.raw("ignore_changes"))]
    if {"value", "all"} & set(ignored):
        return [hold("changes of its value are ignored")]
    if text.endswith(GAP):
        return [unknown("the name does not show yet whether this is the switch")]
    return [fail("changes of its value are reverted by the next apply")]


check = Policy(ID, NAME, GUIDELINE, ["aws_ssm_parameter"], judge)
