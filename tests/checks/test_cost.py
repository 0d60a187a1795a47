"""The check of the cost catches what would cost more than planned, or cannot be told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.checks.kit import (
    Case,
    Twin,
    assert_caught,
    assert_good,
    assert_harmless,
    assert_open,
    drop,
    edit,
    together,
)
from verification.checks import cost, tables
from verification.checks.registry import checks_in, name_of
from verification.model.contract import Contract
from verification.model.values import Unknown

CHECKS = checks_in((cost,))
CEILING = cost.stays_below_the_ceiling
TOTAL = "DynamoDB of prod"
URLS = "aws_dynamodb_table.urls"
KEY = edit("tables", kms_key="arn:aws:kms:us-east-1:123456789012:key/1")
TWO_KEYS = together(KEY, edit("tables", URLS, kms_key="arn:aws:kms:us-east-1:123456789012:key/2"))


def times(factor: float):
    """Multiply the use of the links' table."""

    def change(contract: Contract) -> Contract:
        use = contract.cost.workload["urls"]
        heavy = replace(use, items=use.items * factor)
        workload = {**contract.cost.workload, "urls": heavy}
        return replace(contract, cost=replace(contract.cost, workload=workload))

    return change


def unchanged_stack(stack):
    """Only the use grows."""
    return stack


TWINS = [
    Twin(
        CEILING, "ten times the use", unchanged_stack, TOTAL, "$2.00 is planned", contract=times(10)
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
        "at most $2.00 is planned",
    ),
    Twin(
        CEILING,
        "seven more indexes",
        edit("tables", URLS, indexes=lambda old: old * 16),
        TOTAL,
        "at most $2.00 is planned",
        also=(),
    ),
    Twin(
        CEILING,
        "provisioned",
        edit("tables", URLS, billing_mode="PROVISIONED"),
        URLS,
        "its cost does not follow the workload, since it is not billed on demand",
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
        "at most $2.00 is planned",
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


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_good_stack_passes(check, environment, planned, applied, contract):
    """This repository's own stack passes, as planned and as applied."""
    assert_good(check, planned[environment], contract)
    assert_good(check, applied[environment], contract)


@pytest.mark.parametrize("twin", TWINS, ids=str)
def test_known_bad_twin_is_caught(twin, planned, applied, contract):
    """A stack that is wrong in one place fails the check that is about it, and no other."""
    assert_caught(twin, planned, applied, contract)


@pytest.mark.parametrize("case", OPEN, ids=str)
def test_unknown_stays_open(case, applied, contract):
    """What is known only after apply neither passes nor fails."""
    assert_open(case, applied, contract)


@pytest.mark.parametrize("case", HARMLESS, ids=str)
def test_harmless_change_passes(case, planned, contract):
    """A change that breaks no promise fails nothing."""
    assert_harmless(case, planned, contract)


@pytest.mark.parametrize("field", ["point_in_time_recovery", "kms_key"])
def test_unknown_switches_count_as_on(field, prod_stack, contract):
    """The figure is an upper bound: what may cost something is counted."""
    known = {"point_in_time_recovery": False, "kms_key": None}[field]
    off = CEILING(edit("tables", **{field: known})(prod_stack), contract)
    on = CEILING(edit("tables", **{field: Unknown()})(prod_stack), contract)
    assert figure(on) > figure(off)


def test_unknown_keys_count_once_for_each_table(prod_stack, contract):
    """Two keys of which nothing is known may be two."""
    message = CEILING(edit("tables", kms_key=Unknown())(prod_stack), contract)[-1].message
    assert "with 2 customer-managed keys" in message


def test_every_part_is_named(prod_stack, contract):
    """The message of a table says what the money goes to."""
    (message,) = (f.message for f in CEILING(prod_stack, contract) if URLS in f.address)
    assert message == (
        "costs $0.36 a month (writes $0.25, reads $0.01, storage $0.01, backups $0.09)"
    )


def figure(findings) -> float:
    """The total in dollars, to the last digit that is not shown."""
    return float(findings[-1].message.split("$")[1].split(" ")[0])
