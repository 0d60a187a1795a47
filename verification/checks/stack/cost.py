"""The monthly cost of DynamoDB under the plan's workload."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil

from verification.checks.registry import proves
from verification.model.contract import Contract, TableRule
from verification.model.cost import CostRule
from verification.model.findings import Finding, judge, missing
from verification.model.stack import Stack, Table, Text
from verification.model.ternary import Unknown
from verification.model.verdict import Verdict

_GIGABYTE = 1024**3
_MILLION = 1_000_000
# DynamoDB's units: one write of up to 1 KB, one read of up to 4 KB.
_WRITE_UNIT, _READ_UNIT = 1024, 4096


@proves("monthly-cost")
def stays_below_the_ceiling(stack: Stack, contract: Contract) -> list[Finding]:
    """Requests, storage, recovery, backups and keys together cost at most the ceiling.

    The estimate is an upper bound: unknown switches count as on, and free tiers are ignored.
    """
    tables = {table.name: table for table in stack.tables}
    findings, total = [], 0.0
    for rule in contract.tables:
        name = contract.text(rule.name, stack)
        if name not in tables:
            findings.append(missing(name, "the table", among=tables))
            continue
        parts = dict(table_parts(tables[name], rule, contract.cost, bool(stack.backup_selections)))
        total += sum(parts.values())
        findings.append(_table_finding(tables[name], parts))
    if not any(finding.verdict is Verdict.FAIL for finding in findings):
        keys = [table.kms_key for table in stack.tables if table.kms_key is not None]
        findings.append(_total(stack, total, keys, contract.cost))
    return findings


def table_parts(
    table: Table, rule: TableRule, cost: CostRule, backed_up: bool
) -> Iterator[tuple[str, float]]:
    """The monthly cost of a table in US dollars, by kind of cost."""
    use, prices = cost.workload[rule.key], cost.prices.dynamodb
    size = use.items * (use.item_size + prices.item_overhead) / _GIGABYTE
    copies = 1 + len(table.indexes)
    replicas = 0 if isinstance(table.replicas, Unknown) else len(table.replicas)
    writes = use.items * use.writes * ceil(use.item_size / _WRITE_UNIT) * copies
    reads = use.items * use.reads * ceil(use.item_size / _READ_UNIT)
    yield "writes", writes * prices.write_million / _MILLION
    yield "reads", reads * prices.read_million / _MILLION
    yield "replicas", replicas * writes * prices.replicated_write_million / _MILLION
    yield "storage", size * copies * (1 + replicas) * prices.storage_gigabyte_month
    if table.point_in_time_recovery is not False:
        yield "recovery", size * (1 + replicas) * prices.recovery_gigabyte_month
    if backed_up:
        price = cost.prices.backup.storage_gigabyte_month
        yield "backups", size * cost.backup_copies * price


def _table_finding(table: Table, parts: dict[str, float]) -> Finding:
    spent = ", ".join(f"{what} ${amount:.2f}" for what, amount in parts.items() if amount >= 0.005)
    if table.billing_mode != "PAY_PER_REQUEST":
        text = "its cost does not depend on the workload, because it is not billed on demand"
        return judge(table, None if isinstance(table.billing_mode, Unknown) else False, text)
    if isinstance(table.replicas, Unknown):
        return judge(table, None, "the number of its replicas is known only after apply")
    return judge(table, True, f"costs ${sum(parts.values()):.2f} a month ({spent})")


def _total(stack: Stack, tables: float, names: Sequence[Text], cost: CostRule) -> Finding:
    """The total. A key that is unknown may be none, or a different one for each table."""
    price = cost.prices.kms.key_month
    sure = len({name for name in names if name != Unknown()})
    keys = sure + names.count(Unknown())
    total, least = tables + keys * price, tables + sure * price
    with_keys = f" with {keys} customer-managed key{'s' * (keys > 1)}" if keys else ""
    above = Verdict.FAIL if least > cost.ceiling else Verdict.UNKNOWN
    return Finding(
        Verdict.PASS if total <= cost.ceiling else above,
        f"DynamoDB of {stack.environment}",
        f"costs ${total:.2f} a month{with_keys} at prices of {cost.prices.dated}; "
        f"expected at most ${cost.ceiling:.2f}",
    )
