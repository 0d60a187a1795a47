"""Names and types of parameters: the deploy workflow reads all under /fileshare/{environment}/."""

import re

from fsp.policy import Answer, Policy, expect, fail, hold, unknown
from fsp.resources import Resource
from fsp.values import GAP, gapped

ID = "CKV_FSP_12"
NAME = "A parameter is at /fileshare/{environment}/{name} and has the type that the deploy expects"
SEVERITY = "HIGH"
CRITERION = "parameters-populated"
GUIDELINE = (
    "The deploy reads /fileshare/{environment}/ and passes each value to the containers as a "
    "variable; it does not find parameters elsewhere, and handles other types differently. "
    "Name it /fileshare/ENVIRONMENT/name_in_snake_case, with type String for table names, "
    "ARNs and the switch; SecureString is for secrets."
)

NAMES = re.compile(r"/fileshare/[a-z][a-z0-9]{1,9}/[a-z][a-z0-9_]*")
# Required parts even if the environment is not known yet.
_GAPPED = re.compile(
    rf"/fileshare/({GAP}|[a-z][a-z0-9]{{1,9}})/[a-z0-9_{GAP}]*|{GAP}[/a-z0-9_{GAP}]*"
)
PLAIN = re.compile(r"(^|/)(dynamodb_\w+|use_dynamodb)$")


def judge(parameter: Resource) -> list[Answer]:
    """Name and type are right."""
    name = parameter.raw("name")
    types = {"String"} if PLAIN.search(str(name)) else {"String", "SecureString"}
    return [_of_name(name), expect(parameter.value("type"), lambda kind: kind in types, "its type")]


def _of_name(name: object) -> Answer:
    if not isinstance(name, str):
        return unknown("the name is not known yet")
    text = gapped(name)
    if GAP not in text:
        says = f"the name is {name}"
        return hold(says) if NAMES.fullmatch(name) else fail(says)
    shown = text.replace(GAP, "...")
    if not _GAPPED.fullmatch(text):
        return fail(f"the name is {shown}")
    return unknown(f"the name {shown} is not fully known yet")


check = Policy(ID, NAME, GUIDELINE, ["aws_ssm_parameter"], judge)
