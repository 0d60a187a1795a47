"""The bill of everything that the real Terraform plans: what it adds up, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.checks.kit import verdict_of
from verification.checks import BILL_CHECKS
from verification.checks.bill import bill
from verification.checks.bill.rates import PRICED
from verification.checks.registry import name_of
from verification.model.contract import Contract
from verification.model.findings import Finding
from verification.model.inventory import Inventory, PlannedResource
from verification.model.stack import Stack
from verification.model.ternary import Unknown
from verification.model.verdict import Verdict

pytestmark = pytest.mark.slow

OF_COSTS = (bill.prices_everything, bill.stays_below_the_ceiling)
Change = Callable[[Inventory], Inventory]
Inventories = Mapping[str, Inventory]


def setting(kind: str, **values: Any) -> Change:
    """Change attributes of every resource of a type."""

    def change(inventory: Inventory) -> Inventory:
        assert inventory.of(kind)
        found = (
            replace(one, values={**one.values, **values}) if one.type == kind else one
            for one in inventory.resources
        )
        return replace(inventory, resources=tuple(found))

    return change


def adding(kind: str, count: int = 1, **values: Any) -> Change:
    """Add resources of a type."""

    def change(inventory: Inventory) -> Inventory:
        more = (
            PlannedResource(address=f"{kind}.more[{number}]", type=kind, values=values)
            for number in range(count)
        )
        return replace(inventory, resources=(*inventory.resources, *more))

    return change


def of_tables(**values: Any) -> Change:
    """Change every table of the stack."""

    def change(inventory: Inventory) -> Inventory:
        tables = tuple(replace(table, **values) for table in inventory.stack.tables)
        return replace(inventory, stack=replace(inventory.stack, tables=tables))

    return change


@dataclass(frozen=True)
class Twin:
    """A plan whose bill is wrong: which check must fail, where, and with which words."""

    check: Callable[[Inventory, Contract], list[Finding]]
    change: Change
    at: str
    says: str
    environment: str = "prod"


def unpriced(kind: str, says: str, **values: Any) -> Twin:
    """A setting without a price."""
    return Twin(bill.prices_everything, setting(kind, **values), kind, says)


def dear(change: Change, says: str, environment: str = "prod") -> Twin:
    """A plan that costs too much."""
    at = f"the bill of {environment}"
    return Twin(bill.stays_below_the_ceiling, change, at, says, environment)


INSIGHTS = [{"name": "containerInsights", "value": "enabled"}]
ENHANCED = [{"name": "containerInsights", "value": "enhanced"}]
TWINS = {
    "untagged gateways": Twin(
        bill.carries_the_budgets_tag,
        setting("aws_nat_gateway", tags_all={"Project": "app"}),
        "aws_nat_gateway",
        "its tag Environment is not set; expected 'prod'. Add Environment = var.environment",
    ),
    "no tags at all": Twin(
        bill.carries_the_budgets_tag, setting("aws_lb", tags_all=None), "aws_lb", "is not set"
    ),
    "another environment's tag": Twin(
        bill.carries_the_budgets_tag,
        setting("aws_eip", tags_all={"Environment": "prod"}),
        "aws_eip",
        "its tag Environment is 'prod'; expected 'dev'",
        "dev",
    ),
    "untagged tasks": Twin(
        bill.carries_the_budgets_tag,
        setting("aws_ecs_service", propagate_tags="NONE"),
        "aws_ecs_service",
        "propagate_tags is 'NONE'. Set propagate_tags to SERVICE.",
    ),
    "a type that nobody priced": Twin(
        bill.prices_everything,
        adding("aws_wafv2_web_acl"),
        "aws_wafv2_web_acl.more[0]",
        "its type has no price. Add its price to verification/prices.toml and checks/bill/rates.py",
    ),
    "enhanced insights": unpriced("aws_ecs_cluster", "= enhanced has no price", setting=ENHANCED),
    "tasks on instances": unpriced("aws_ecs_service", "only tasks with", launch_type="EC2"),
    "a network load balancer": unpriced("aws_lb", "only application", load_balancer_type="network"),
    "logs for ever": unpriced("aws_cloudwatch_log_group", "kept for ever", retention_in_days=0),
    "an advanced parameter": unpriced("aws_ssm_parameter", "of tier Advanced", tier="Advanced"),
    "alarms each ten seconds": unpriced("aws_cloudwatch_metric_alarm", "at high", period=10),
    "another endpoint": unpriced(
        "aws_vpc_endpoint", "of type Resource have", vpc_endpoint_type="Resource"
    ),
    "provisioned tables": Twin(
        bill.prices_everything,
        of_tables(billing_mode="PROVISIONED"),
        "aws_dynamodb_table.urls",
        "only tables that are billed on demand have a price",
    ),
    "a table without a workload": Twin(
        bill.prices_everything, of_tables(name="other"), "urls", "its workload is not in the contr"
    ),
    "larger tasks": dear(
        setting("aws_ecs_task_definition", cpu="2048", memory="4096"),
        "most of all aws_ecs_service $144.16, aws_nat_gateway $66.15, aws_lb $24.76",
    ),
    "more tasks": dear(
        setting("aws_appautoscaling_target", min_capacity=5), "aws_ecs_service $90.10"
    ),
    "four more NAT gateways": dear(adding("aws_nat_gateway", 4), "expected at most $180.00. Make"),
    "six interface endpoints": dear(
        adding("aws_vpc_endpoint", 6, vpc_endpoint_type="Interface", subnet_ids=["a", "b"]),
        "aws_vpc_endpoint $87.60",
    ),
    "300 alarms": dear(
        adding("aws_cloudwatch_metric_alarm", 300, period=60),
        "aws_cloudwatch_metric_alarm $33.10",
    ),
    "insights in dev": dear(
        setting("aws_ecs_cluster", setting=INSIGHTS), "aws_ecs_cluster $11.65", "dev"
    ),
    "too much without what is unknown": dear(
        lambda inventory: adding("aws_nat_gateway", 8)(
            setting("aws_ecs_service", desired_count=Unknown())(inventory)
        ),
        "; not counted: module.backend.aws_ecs_service.backend; expected at most $180.00",
    ),
}
HARMLESS: dict[str, Change] = {
    "one task more": setting("aws_appautoscaling_target", min_capacity=3),
    "a balancer inside": setting("aws_lb", internal=True),
    "without insights": setting("aws_ecs_cluster", setting=[]),
    "policies without alarms": setting("aws_appautoscaling_policy", policy_type="StepScaling"),
    "a key of one's own": adding("aws_kms_key"),
    "one more role": adding("aws_iam_role"),
}
OPEN: dict[str, Change] = {
    "tasks": setting("aws_ecs_service", desired_count=Unknown()),
    "task definition": setting("aws_ecs_service", task_definition=Unknown()),
    "retention": setting("aws_cloudwatch_log_group", retention_in_days=Unknown()),
    "replicas": of_tables(replicas=Unknown()),
}


def complaints(twin: Twin, inventories: Inventories, contract: Contract) -> str:
    """What the check says at the place, line by line."""
    found = twin.check(twin.change(inventories[twin.environment]), contract)
    failed = (finding for finding in found if finding.verdict is Verdict.FAIL)
    return "\n".join(str(finding) for finding in failed if twin.at in finding.address)


def costs(inventory: Inventory, contract: Contract) -> dict[str, str]:
    """Each line of the bill, by type of resource."""
    found = bill.stays_below_the_ceiling(inventory, contract)
    return {finding.address: finding.message for finding in found}


@pytest.mark.parametrize("environment", ["dev", "prod"])
@pytest.mark.parametrize("check", BILL_CHECKS, ids=name_of)
def test_our_own_bill_passes(
    check: Callable[[Inventory, Contract], list[Finding]],
    environment: str,
    inventories: Inventories,
    contract: Contract,
) -> None:
    """Each environment's plan is priced, and below its ceiling."""
    assert verdict_of(check(inventories[environment], contract)) is Verdict.PASS


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS.keys())
def test_known_bad_twin_is_caught(twin: Twin, inventories: Inventories, contract: Contract) -> None:
    """It fails with place and words."""
    told = complaints(twin, inventories, contract)
    assert twin.says in told, told


@pytest.mark.parametrize("check", BILL_CHECKS, ids=name_of)
def test_check_has_a_known_bad_twin(check: Callable[..., object]) -> None:
    """No check is trusted that was never seen to fail."""
    assert check in [twin.check for twin in TWINS.values()]


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS.keys())
def test_harmless_change_passes(
    change: Change, inventories: Inventories, contract: Contract
) -> None:
    """What costs little, or nothing, fails nothing."""
    found = [check(change(inventories["prod"]), contract) for check in BILL_CHECKS]
    assert {verdict_of(findings) for findings in found} == {Verdict.PASS}


@pytest.mark.parametrize("change", OPEN.values(), ids=OPEN.keys())
def test_unknown_stays_open(change: Change, inventories: Inventories, contract: Contract) -> None:
    """What is known only after apply neither passes nor fails."""
    found = [check(change(inventories["prod"]), contract) for check in OF_COSTS]
    assert {verdict_of(findings) for findings in found} == {Verdict.UNKNOWN}


@pytest.mark.parametrize(
    "change",
    [setting("aws_eip", tags_all=Unknown()), setting("aws_ecs_service", propagate_tags=Unknown())],
    ids=["tags", "tasks' tags"],
)
def test_unknown_tags_stay_open(
    change: Change, inventories: Inventories, contract: Contract
) -> None:
    """Tags that are known only after apply are neither there nor missing."""
    found = bill.carries_the_budgets_tag(change(inventories["prod"]), contract)
    assert verdict_of(found) is Verdict.UNKNOWN


@pytest.mark.parametrize("check", BILL_CHECKS, ids=name_of)
def test_empty_plan_passes_nothing(
    check: Callable[[Inventory, Contract], list[Finding]], contract: Contract
) -> None:
    """Where nothing is made, nothing is priced."""
    stack = Stack(environment="dev", account="1", region="us-east-1", partition="aws")
    assert verdict_of(check(Inventory(stack, ()), contract)) is Verdict.FAIL


def test_every_resource_is_examined(inventories: Inventories, contract: Contract) -> None:
    """Each planned resource has a finding of its own, or is counted with the free ones."""
    for inventory in inventories.values():
        found = bill.prices_everything(inventory, contract)
        free = [one for one in found if "without a price" in one.message]
        priced = len(found) - len(free)
        assert priced + sum(int(one.message.split()[0]) for one in free) == len(inventory.resources)


def test_no_price_is_dead(inventories: Inventories, contract: Contract) -> None:
    """Each type with a price, or without one, is planned somewhere; only keys are an option."""
    planned = {one.type for inventory in inventories.values() for one in inventory.resources}
    free = set(contract.cost.prices.free)
    assert PRICED & free == set()
    assert PRICED | free == planned | {"aws_kms_key"}


def test_lines_say_what_they_are_for(inventories: Inventories, contract: Contract) -> None:
    """The figures, worked out by hand from AWS's prices."""
    prod, dev = (costs(inventories[name], contract) for name in ("prod", "dev"))
    assert prod["aws_nat_gateway"] == "costs $66.15 a month (hours $65.70, traffic $0.45)"
    assert prod["aws_ecs_service"] == "costs $36.04 a month (CPU $29.55, memory $6.49)"
    assert dev["aws_ecs_service"] == "costs $9.01 a month (CPU $7.39, memory $1.62)"
    assert prod["aws_eip"] == "costs $7.30 a month (public addresses $7.30)"
    assert dev["aws_cloudwatch_metric_alarm"] == "costs $3.10 a month (metrics $3.10)"
    assert prod["aws_ecs_cluster"] == "costs $11.65 a month (Container Insights $11.65)"
    assert "aws_ecs_cluster" not in dev
    assert prod["aws_lb"].startswith("costs $24.76 a month (")


def test_the_total_is_told(inventories: Inventories, contract: Contract) -> None:
    """The bill of each environment, at whose prices, and what most of it is for."""
    for name, total in (("dev", "$80.82"), ("prod", "$159.16")):
        told = costs(inventories[name], contract)[f"the bill of {name}"]
        assert told.startswith(f"costs {total} a month at us-east-1's prices of 2026-11-22, most ")
