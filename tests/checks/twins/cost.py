"""What would cost more than planned, or cannot be told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.checks.edits import drop, edit, together
from tests.checks.kit import Case, Twin
from verification.checks.registry import checks_in
from verification.checks.stack import cost, tables
from verification.model.contract import Contract
from verification.model.stack import Stack
from verification.model.ternary import Unknown

CEILING = cost.stays_below_the_ceiling
TOTAL = "DynamoDB of prod"
URLS = "aws_dynamodb_table.urls"
KEY = edit("tables", kms_key="arn:aws:kms:us-east-1:123456789012:key/1")
TWO_KEYS = together(KEY, edit("tables", URLS, kms_key="arn:aws:kms:us-east-1:123456789012:key/2"))


def times(factor: int) -> Callable[[Contract], Contract]:
    """Multiply the use of the links' table."""

    def change(contract: Contract) -> Contract:
        use = contract.cost.workload["urls"]
        heavy = replace(use, items=use.items * factor)
        workload = {**contract.cost.workload, "urls": heavy}
        return replace(contract, cost=replace(contract.cost, workload=workload))

    return change


def unchanged_stack(stack: Stack) -> Stack:
    """Only the use grows."""
    return stack


TWINS = [
    Twin(
        CEILING,
        "ten times the use",
        unchanged_stack,
        TOTAL,
        "expected at most $2.00",
        contract=times(10),
    ),
    Twin(
        CEILING,
        "customer's own key and four times the use",
        KEY,
        TOTAL,
        "with 1 customer-managed key at prices of",
        contract=times(4),
    ),
    Twin(CEILING, "a key for each table", TWO_KEYS, TOTAL, "with 2 customer-managed keys"),
    Twin(
        CEILING,
        "copies in eight regions",
        edit("tables", replicas=tuple(f"eu-west-{n}" for n in range(8))),
        TOTAL,
        "expected at most $2.00",
    ),
    Twin(
        CEILING,
        "seven more indexes",
        edit("tables", URLS, indexes=lambda old: old * 16),
        TOTAL,
        "expected at most $2.00",
        also=(),
    ),
    Twin(
        CEILING,
        "provisioned",
        edit("tables", URLS, billing_mode="PROVISIONED"),
        URLS,
        "its cost does not depend on the workload, because it is not billed on demand",
        also=(tables.are_billed_on_demand,),
    ),
    Twin(
        CEILING,
        "provisioned beside an unknown mode",
        together(
            edit("tables", billing_mode=Unknown()), edit("tables", URLS, billing_mode="PROVISIONED")
        ),
        URLS,
        "not billed on demand",
        also=(tables.are_billed_on_demand,),
    ),
    Twin(
        CEILING,
        "too much already, replicas unknown",
        edit("tables", replicas=Unknown()),
        TOTAL,
        "expected at most $2.00",
        contract=times(10),
    ),
    Twin(
        CEILING,
        "table removed",
        drop("tables", URLS),
        "file-sharing-app-prod-urls",
        "the table is missing",
        also=checks_in((tables,)),
    ),
]

OPEN = [
    Case(CEILING, "name", edit("tables", URLS, name=Unknown())),
    Case(CEILING, "billing mode", edit("tables", URLS, billing_mode=Unknown())),
    Case(CEILING, "replicas", edit("tables", replicas=Unknown())),
]

HARMLESS = [
    Case(CEILING, "one key for both tables", KEY),
    Case(CEILING, "a copy in another region", edit("tables", replicas=("eu-west-1",))),
    Case(CEILING, "no backups in dev", unchanged_stack, environment="dev"),
]
