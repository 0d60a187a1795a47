"""The changes of a plan, from its JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from verification.engine.terraform.plan.references import References
from verification.engine.terraform.plan.resources import whole_changes
from verification.model.changes import Change


def read_changes(plan: Mapping[str, Any], references: References) -> tuple[Change, ...]:
    """Every managed resource in the plan's JSON, also unchanged ones.

    Raises:
        ToolError: this is not a plan's JSON, or the plan did not complete.
    """
    items = whole_changes(plan)
    return tuple(_change(item, references) for item in items if item["mode"] == "managed")


def _change(item: Mapping[str, Any], references: References) -> Change:
    change, block = item["change"], references.block(item["address"])
    return Change(
        address=item["address"],
        type=item["type"],
        actions=tuple(change["actions"]),
        forced_by=tuple(dict.fromkeys(map(_attribute, change.get("replace_paths", ())))),
        reason=item.get("action_reason", ""),
        previous_address=item.get("previous_address", ""),
        source=block.source if block else "",
        before=change.get("before") or {},
        after=change.get("after") or {},
    )


def _attribute(path: Sequence[str | int]) -> str:
    return ".".join(map(str, path))
