"""Index projection: the backend reads whole users and links through the indexes."""

from fsp.policy import Answer, Policy, expect, unknown
from fsp.resources import Resource
from fsp.values import UNKNOWN

ID = "CKV_FSP_6"
NAME = "A global secondary index projects all attributes"
SEVERITY = "MEDIUM"
CRITERION = "tables-created"
GUIDELINE = (
    "An index that projects keys only, or some attributes, gives the backend incomplete items, and "
    'changing it later means to recreate it. Set projection_type = "ALL" in each '
    "global_secondary_index."
)


def judge(table: Resource) -> list[Answer]:
    """Each index projects ALL; a table without indexes is not judged."""
    indexes = table.blocks("global_secondary_index")
    if indexes is UNKNOWN:
        return [unknown("the indexes are not known yet")]
    return [
        expect(
            index.value("projection_type"),
            lambda value: value == "ALL",
            f"projection_type of {index.value('name')}",
        )
        for index in indexes
    ]


check = Policy(ID, NAME, GUIDELINE, ["aws_dynamodb_table"], judge)
