"""Planned resources, with unknown values as `Unknown`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from verification.engine.errors import ToolError
from verification.engine.terraform.plan.references import References
from verification.model.stack import Flag, Texts
from verification.model.ternary import Answer, Unknown


@dataclass(frozen=True)
class Planned:
    """One resource as it will be after apply."""

    address: str
    type: str
    source: str
    values: Mapping[str, Any] = field(repr=False)

    def __getitem__(self, name: str) -> Any:
        """An attribute; None if the resource does not have it."""
        return self.values.get(name)

    def first(self, name: str) -> Mapping[str, Any]:
        """The only nested block of a name; empty if it is absent."""
        blocks = self.values.get(name)
        return blocks[0] if isinstance(blocks, list) and blocks else {}

    def all(self, name: str) -> list[Mapping[str, Any]]:
        """The nested blocks of a name."""
        blocks = self.values.get(name)
        return list(blocks) if isinstance(blocks, list) else []

    def document(self, name: str) -> Any:
        """A JSON document in an attribute, parsed."""
        return parse_document(self[name], self.address, name)


def planned_resources(plan: Mapping[str, Any], references: References) -> list[Planned]:
    """Every managed resource that will exist after the plan is applied.

    Raises:
        ToolError: this is not a plan's JSON, or the plan did not complete.
    """
    return list(_planned(whole_changes(plan), references))


def whole_changes(plan: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The resource changes of a plan's JSON.

    Raises:
        ToolError: this is not a plan's JSON, or the plan did not complete.
    """
    is_plan = "resource_changes" in plan or "planned_values" in plan
    whole = is_plan and plan.get("complete", True)
    if not whole or plan.get("errored"):
        raise ToolError("the plan's JSON is incomplete: `terraform plan` failed.")
    # A plan without any resources does not have the list.
    changes: Sequence[Mapping[str, Any]] = plan.get("resource_changes", ())
    return changes


def place(resource: Planned) -> dict[str, str]:
    """Address and source of a resource, as the stack's field names."""
    return {"address": resource.address, "source": resource.source}


def refers(value: Any, resource: Planned, *attributes: str) -> bool:
    """Whether a value is another resource's attribute, by value or by reference."""
    if isinstance(value, Unknown):
        return value.reference in {f"{resource.address}.{name}" for name in attributes}
    return value is not None and any(value == resource[name] for name in attributes)


def data_sources(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every data source that was read while planning, with type and values."""
    waiting = [plan.get("prior_state", {}).get("values", {}).get("root_module", {})]
    while waiting:
        module = waiting.pop()
        yield from (one for one in module.get("resources", ()) if one["mode"] == "data")
        waiting += module.get("child_modules", ())


def parse_document(text: Any, address: str, name: str) -> Any:
    """Parse JSON text; unknown and None are returned unchanged.

    Raises:
        ToolError: the text is not JSON.
    """
    if text is None or isinstance(text, Unknown):
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        raise ToolError(f"{address}: {name} is not JSON: {error}") from error


def _planned(changes: Sequence[Mapping[str, Any]], references: References) -> Iterator[Planned]:
    for item in changes:
        after = item["change"].get("after")
        if item["mode"] != "managed" or after is None:
            continue
        address = item["address"]
        block = references.block(address)
        values = _merge(after, item["change"].get("after_unknown"), address, [], references)
        yield Planned(address, item["type"], block.source if block else "", values)


def _merge(
    after: Any, unknown: Any, address: str, path: list[str | int], references: References
) -> Any:
    """Insert an unknown wherever `after_unknown` is true."""
    if unknown is True:
        return references.value(address, path)
    if isinstance(unknown, Mapping):
        known = after if isinstance(after, Mapping) else {}
        names = [*known, *(name for name in unknown if name not in known)]
        return {
            n: _merge(known.get(n), unknown.get(n), address, [*path, n], references) for n in names
        }
    if isinstance(unknown, list) and isinstance(after, list):
        marks = unknown + [None] * (len(after) - len(unknown))
        parts = after + [None] * (len(marks) - len(after))
        return [
            _merge(part, mark, address, [*path, i], references)
            for i, (part, mark) in enumerate(zip(parts, marks, strict=True))
        ]
    return after


def given(value: Any, resource: Planned) -> Any:
    """A value, or None if it is only computed by the provider."""
    own = isinstance(value, Unknown) and value.reference.startswith(f"{resource.address}.")
    return None if own else value or None


def switch(answer: Answer) -> Flag:
    """An answer as a stack's switch: unknown, not off, where it is not known."""
    return Unknown() if answer is None else answer


def texts(value: Any) -> Texts:
    """A list of strings as a tuple; none for null."""
    return value if isinstance(value, Unknown) else tuple(value or ())
