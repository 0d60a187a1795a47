"""Checks of the DynamoDB tables: keys, indexes, billing, TTL, recovery and encryption."""

from __future__ import annotations

from collections.abc import Callable

from verification.checks.registry import proves
from verification.model.contract import Contract, TableRule
from verification.model.findings import Finding, expect, expect_on, judge, missing, not_demanded
from verification.model.stack import Index, Stack, Table
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


def _may_be_named(table: Table, planned: list[str]) -> bool:
    """Whether the index list would match if one unknown name were known."""
    known = {index.name for index in table.indexes if not isinstance(index.name, Unknown)}
    return len(known) < len(table.indexes) == len(planned) and known <= set(planned)
