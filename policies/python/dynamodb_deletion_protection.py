"""Deletion protection in production: a `terraform destroy` must not delete users' data.

The environment of a table is the part of its name after the project's, as in
file-sharing-app-prod-users. In source that part is often a variable; then only protection that is
certainly on passes.
"""

import re

from fsp.policy import Answer, Policy, expect, hold, is_on, unknown
from fsp.resources import Resource
from fsp.values import GAP, gapped

ID = "CKV_FSP_4"
NAME = "A production table has deletion protection"
SEVERITY = "CRITICAL"
CRITERION = "production-protection"
GUIDELINE = (
    "Without deletion protection, an apply that drops or replaces a production table deletes "
    "users' data. Set deletion_protection_enabled = true for production."
)

PRODUCTION = re.compile(r"(^|[-_.])prod(uction)?([-_.]|$)")


def judge(table: Resource) -> list[Answer]:
    """Protection is on, or the table is certainly not of production."""
    protection = table.value("deletion_protection_enabled")
    answer = expect(protection, is_on, "deletion protection")
    if protection is True:
        return [answer]
    name = table.raw("name")
    text = gapped(name) if isinstance(name, str) else GAP
    if PRODUCTION.search(text):
        return [answer]
    if GAP in text:
        return [unknown("the name does not show yet whether this is production")]
    return [hold("this is not a production table")]


check = Policy(ID, NAME, GUIDELINE, ["aws_dynamodb_table"], judge)
