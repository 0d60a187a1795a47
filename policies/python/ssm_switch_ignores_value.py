"""The switch: an operator who turns DynamoDB off by hand must not be overruled by the next apply.

A plan says nothing about `lifecycle`: there the answer is always unknown, and source decides.
"""

from fsp.policy import Answer, Policy, fail, hold, unknown
from fsp.resources import Resource
from fsp.values import GAP, as_list, gapped

ID = "CKV_FSP_13"
NAME = "Terraform leaves the value of use_dynamodb alone once it is there"
SEVERITY = "HIGH"
CRITERION = "quick-rollback"
GUIDELINE = (
    "The quick rollback writes use_dynamodb = false by hand; without ignore_changes the next apply "
    "turns DynamoDB on again. Write `lifecycle { ignore_changes = [value] }` in the parameter."
)

SWITCH = "/use_dynamodb"


def judge(parameter: Resource) -> list[Answer]:
    """The switch ignores changes of its value; other parameters are not looked at."""
    name = parameter.raw("name")
    text = gapped(name) if isinstance(name, str) else GAP
    if not text.endswith((SWITCH, GAP)):
        return []
    if parameter.planned:
        return [unknown("a plan does not tell what changes are ignored")]
    lifecycle = parameter.blocks("lifecycle")
    ignored = [one for block in lifecycle for one in as_list(block.raw("ignore_changes"))]
    if {"value", "all"} & set(ignored):
        return [hold("changes of its value are ignored")]
    if text.endswith(GAP):
        return [unknown("the name does not tell yet whether this is the switch")]
    return [fail("changes of its value are undone by the next apply")]


check = Policy(ID, NAME, GUIDELINE, ["aws_ssm_parameter"], judge)
