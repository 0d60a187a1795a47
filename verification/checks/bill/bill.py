"""The monthly bill of everything in a plan: complete, and below the environment's ceiling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from verification.checks.bill.rates import NoPrice, NotYetKnown, Parts, Rates
from verification.checks.registry import proves
from verification.model.contract import Contract
from verification.model.findings import Finding, expect, judge, missing, show
from verification.model.inventory import Inventory, PlannedResource
from verification.model.stack import Resource
from verification.model.ternary import Unknown
from verification.model.verdict import Verdict

_NOTHING = "a resource that costs something"
_FEW = 5


@dataclass(frozen=True)
class _Line:
    """The cost of a resource; `verdict` and `why` if it has none."""

    resource: PlannedResource
    parts: Parts
    verdict: Verdict = Verdict.PASS
    why: str = ""


@proves("whole-bill")
def prices_everything(inventory: Inventory, contract: Contract) -> list[Finding]:
    """Each resource has a price, or is listed as free with the reason."""
    free = contract.cost.prices.free
    counts = Counter(resource.type for resource in inventory.resources)
    findings = [
        judge(Resource(address=kind), True, f"{counts[kind]} without a price: {reason}")
        for kind, reason in free.items()
        if kind in counts
    ]
    remedy = (
        "Add its price to verification/prices.toml and checks/bill/rates.py, or, if it costs "
        "nothing, its type to [free] there with the reason."
    )
    for line in _lines(inventory, contract):
        if line.verdict is Verdict.PASS:
            findings.append(judge(line.resource, True, f"costs {_told(line.parts)}"))
        else:
            answer = None if line.verdict is Verdict.UNKNOWN else False
            findings.append(judge(line.resource, answer, line.why, remedy))
    return findings if counts else [missing("the plan", _NOTHING)]


@proves("whole-bill")
def stays_below_the_ceiling(inventory: Inventory, contract: Contract) -> list[Finding]:
    """All resources together cost at most the environment's `monthly_cost`.

    The estimate is at us-east-1's list prices and the contract's usage. Fargate is billed for the
    usual number of tasks, the maximum of autoscaling is not.
    """
    lines = list(_lines(inventory, contract))
    kinds: dict[str, Counter[str]] = {}
    for line in lines:
        kinds.setdefault(line.resource.type, Counter()).update(line.parts)
    sums = {kind: sum(parts.values()) for kind, parts in kinds.items()}
    ordered = sorted(kinds, key=lambda kind: -sums[kind])
    findings = [
        judge(Resource(address=kind), True, f"costs {_told(kinds[kind])}")
        for kind in ordered
        if sums[kind] >= 0.005
    ]
    if not findings:
        return [missing("the plan", _NOTHING)]
    largest = ", ".join(f"{kind} ${sums[kind]:.2f}" for kind in ordered[:_FEW])
    return [*findings, _total(inventory, contract, sum(sums.values()), largest, lines)]


@proves("whole-bill")
def carries_the_budgets_tag(inventory: Inventory, contract: Contract) -> list[Finding]:
    """Each resource that costs something, and that can, carries the tag by which a budget counts.

    Tasks are billed by tags of their own, which the service must give them. (Amazon ECS Developer
    Guide, https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html)
    """
    remedy = "Add Environment = var.environment to default_tags in providers.tf."
    findings = []
    for line in _lines(inventory, contract):
        resource, tags = line.resource, line.resource["tags_all"]
        if "tags_all" in resource.values and line.parts:
            tag = tags.get("Environment") if isinstance(tags, Mapping) else tags
            what = "its tag Environment"
            findings.append(expect(resource, what, tag, inventory.stack.environment, remedy))
        if resource.type == "aws_ecs_service":
            given = resource["propagate_tags"]
            answer = None if isinstance(given, Unknown) else given in ("SERVICE", "TASK_DEFINITION")
            text = f"propagate_tags is {show(given)}"
            findings.append(judge(resource, answer, text, "Set propagate_tags to SERVICE."))
    return findings or [missing("the plan", _NOTHING)]


def _total(
    inventory: Inventory, contract: Contract, total: float, largest: str, lines: list[_Line]
) -> Finding:
    """The total; unknown if something has no price yet, but not if the rest is already too much."""
    ceiling = contract.of(inventory.stack).monthly_cost
    without = [line.resource.address for line in lines if line.verdict is not Verdict.PASS]
    gap = f"; not counted: {', '.join(without[:_FEW])}" if without else ""
    answer = False if total > ceiling else None if without else True
    text = (
        f"costs ${total:.2f} a month at us-east-1's prices of {contract.cost.prices.dated}, most "
        f"of all {largest}{gap}; expected at most ${ceiling:.2f}"
    )
    environment = inventory.stack.environment
    remedy = (
        "Make the largest parts smaller, or raise monthly_cost in [environments."
        f"{environment}] of verification/contract.toml, and monthly_budget with it."
    )
    return judge(Resource(address=f"the bill of {environment}"), answer, text, remedy)


def _lines(inventory: Inventory, contract: Contract) -> Iterator[_Line]:
    """Each resource that is not free."""
    rates = Rates(inventory, contract)
    for resource in inventory.resources:
        if resource.type in contract.cost.prices.free:
            continue
        try:
            yield _Line(resource, rates.parts(resource))
        except NoPrice as reason:
            yield _Line(resource, {}, Verdict.FAIL, str(reason))
        except NotYetKnown as reason:
            yield _Line(resource, {}, Verdict.UNKNOWN, str(reason))


def _told(parts: Mapping[str, float]) -> str:
    """A sum with its parts of a cent or more."""
    shown = ", ".join(f"{what} ${amount:.2f}" for what, amount in parts.items() if amount >= 0.005)
    return f"${sum(parts.values()):.2f} a month" + (f" ({shown})" if shown else "")
