"""Checks of the DynamoDB tables: keys, indexes, billing, TTL, recovery and encryption."""

from __future__ import annotations

from collections.abc import Callable

from verification.checks.registry import proves
from verification.model.contract import Bounds, Contract, TableRule
from verification.model.findings import (
    Finding,
    expect,
    expect_on,
    judge,
    missing,
    not_demanded,
    show,
)
from verification.model.stack import Index, Number, Stack, Table
from verification.model.ternary import Unknown


@proves("tables-created")
def have_keys(stack: Stack, contract: Contract) -> list[Finding]:
    """Each table exists with its planned name, keys and attribute types."""

    def keys(table: Table, rule: TableRule) -> list[Finding]:
        actual = {name: table.attributes.get(name) for name in rule.attributes}
        return [
            expect(table, "the hash key", table.hash_key, rule.hash_key),
            expect(table, "the range key", table.range_key, rule.range_key),
            expect(table, "the attribute types", actual, dict(rule.attributes)),
        ]

    return _each(stack, contract, keys)


@proves("tables-created")
def have_indexes(stack: Stack, contract: Contract) -> list[Finding]:
    """Each table has exactly its planned indexes."""

    def indexes(table: Table, rule: TableRule) -> list[Finding]:
        found = {str(index.name): index for index in table.indexes}
        planned = [index.name for index in rule.indexes]
        if _may_be_named(table, planned):
            return [judge(table, None, "the name of an index is known only after apply")]
        findings = [expect(table, "the indexes", sorted(found), sorted(planned))]
        for index in rule.indexes:
            actual = found.get(index.name, Index(index.name, None, None, None))
            wanted = (index.hash_key, index.range_key, index.projection)
            shape = (actual.hash_key, actual.range_key, actual.projection)
            what = f"{index.name}'s hash key, range key and projection"
            findings.append(expect(table, what, shape, wanted))
        return findings

    return _each(stack, contract, indexes)


@proves("no-throttling")
def are_billed_on_demand(stack: Stack, contract: Contract) -> list[Finding]:
    """Every table is billed on demand, without fixed capacity."""

    def billing(table: Table, _: TableRule) -> list[Finding]:
        return [expect(table, "billing_mode", table.billing_mode, "PAY_PER_REQUEST")]

    return _each(stack, contract, billing)


@proves("whole-bill")
def have_a_maximum_throughput(stack: Stack, contract: Contract) -> list[Finding]:
    """Each table and each index has a maximum throughput in the environment's range.

    Without one, on-demand billing goes up to the account's quota of 40,000 request units per
    second. The maximum of a table does not hold for its indexes. (Amazon DynamoDB Developer Guide,
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode-max-throughput.html)
    """
    wanted = contract.of(stack).request_units

    def throughput(table: Table, _: TableRule) -> list[Finding]:
        parts: list[tuple[str, Table | Index]] = [("the table", table)]
        parts += [(str(index.name), index) for index in table.indexes]
        return [
            _maximum(table, f"max_{kind}_request_units of {what}", units, wanted)
            for what, part in parts
            for kind, units in (("read", part.max_read_units), ("write", part.max_write_units))
        ]

    return _each(stack, contract, throughput)


@proves("time-to-live")
def expire(stack: Stack, contract: Contract) -> list[Finding]:
    """TTL is on for the planned attribute only, and off where users' data must stay."""

    def ttl(table: Table, rule: TableRule) -> list[Finding]:
        return [expect(table, "the TTL attribute", table.ttl_attribute, rule.ttl_attribute)]

    return _each(stack, contract, ttl)


@proves("point-in-time-recovery")
def are_recoverable(stack: Stack, contract: Contract) -> list[Finding]:
    """Point-in-time recovery is on if the environment requires it."""
    if not contract.of(stack).point_in_time_recovery:
        return _each(stack, contract, lambda t, _: [not_demanded(t, "recovery")])
    remedy = (
        f"Set enable_point_in_time_recovery = true in environments/{stack.environment}/"
        f"{stack.environment}.tfvars"
    )

    def recovery(table: Table, _: TableRule) -> list[Finding]:
        switch = table.point_in_time_recovery
        return [expect_on(table, "point-in-time recovery", switch, f"{remedy}.")]

    return _each(stack, contract, recovery)


@proves("encryption")
def are_encrypted(stack: Stack, contract: Contract) -> list[Finding]:
    """Server-side encryption with a KMS key is on for each table."""

    def encryption(table: Table, _: TableRule) -> list[Finding]:
        remedy = "Add server_side_encryption { enabled = true }."
        return [expect_on(table, "server-side encryption", table.encrypted, remedy)]

    return _each(stack, contract, encryption)


def _each(
    stack: Stack, contract: Contract, judge_table: Callable[[Table, TableRule], list[Finding]]
) -> list[Finding]:
    """Judge every planned table; a missing one fails."""
    names = [table.name for table in stack.tables]
    findings: list[Finding] = []
    for rule in contract.tables:
        name = contract.text(rule.name, stack)
        for table in stack.tables:
            if table.name == name:
                findings += judge_table(table, rule)
        if name not in names:
            findings.append(missing(name, "the table", "Add it to modules/dynamodb.", names))
    return findings


def _maximum(table: Table, what: str, units: Number, wanted: Bounds) -> Finding:
    known = not isinstance(units, Unknown)
    answer = wanted.minimum <= (units or 0) <= wanted.maximum if known else None  # type: ignore[operator]
    text = f"{what} is {show(units)}"
    if answer is False:
        text += f"; expected from {wanted.minimum:g} to {wanted.maximum:g}"
    remedy = "Set on_demand_throughput of table and index in modules/dynamodb."
    return judge(table, answer, text, remedy)


def _may_be_named(table: Table, planned: list[str]) -> bool:
    """Whether the index list would match if one unknown name were known."""
    known = {index.name for index in table.indexes if not isinstance(index.name, Unknown)}
    return len(known) < len(table.indexes) == len(planned) and known <= set(planned)
