"""A stack read from a plan: what Terraform will make, with the unknown left unknown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from verification.engine.errors import ToolError
from verification.engine.references import References
from verification.model.values import Unknown


@dataclass(frozen=True)
class Planned:
    """One resource as it will be after apply."""

    address: str
    type: str
    source: str
    values: Mapping[str, Any] = field(repr=False)

    def __getitem__(self, name: str) -> Any:
        """An attribute; None where the resource does not have it."""
        return self.values.get(name)

    def first(self, name: str) -> Mapping[str, Any]:
        """The only nested block of a name; empty where it is absent."""
        blocks = self.values.get(name)
        return blocks[0] if isinstance(blocks, list) and blocks else {}

    def all(self, name: str) -> list[Mapping[str, Any]]:
        """The nested blocks of a name."""
        blocks = self.values.get(name)
        return list(blocks) if isinstance(blocks, list) else []

    def document(self, name: str) -> Any:
        """A JSON document held in an attribute, parsed."""
        return parse_document(self[name], self.address, name)


def planned_resources(plan: Mapping[str, Any], references: References) -> list[Planned]:
    """Every managed resource that will exist after the plan is applied.

    Raises:
        ToolError: this is not a plan's JSON, or the plan did not complete.
    """
    whole = "resource_changes" in plan and plan.get("complete", True)
    if not whole or plan.get("errored"):
        raise ToolError("the plan's JSON is incomplete: `terraform plan` did not end well.")
    return list(_planned(plan["resource_changes"], references))


def parse_document(text: Any, address: str, name: str) -> Any:
    """Parse JSON text; unknown and None stay what they are.

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
    """Put an unknown wherever `after_unknown` says true."""
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
