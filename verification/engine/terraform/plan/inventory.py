"""The inventory of a plan, from planned resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verification.engine.terraform.plan.references import References
from verification.engine.terraform.plan.resources import place, planned_resources
from verification.model.inventory import Inventory, PlannedResource
from verification.model.source import Source
from verification.model.stack import Stack


def read_inventory(plan: Mapping[str, Any], source: Source, root: str, stack: Stack) -> Inventory:
    """Read every managed resource from a plan's JSON (`terraform show -json`).

    Args:
        plan: the JSON.
        source: the Terraform tree that was planned.
        root: the root module's folder in it, relative to the source's base.
        stack: the stack that was read from the same plan.

    Raises:
        ToolError: the JSON is not a complete plan.
    """
    variables = {name: item.get("value") for name, item in plan.get("variables", {}).items()}
    resources = planned_resources(plan, References(source, root, variables))
    return Inventory(
        stack,
        tuple(PlannedResource(**place(one), type=one.type, values=one.values) for one in resources),
    )
