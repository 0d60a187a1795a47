"""Everything that a plan makes: its resources of all types, and the stack that they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from verification.model.stack import Resource, Stack


@dataclass(frozen=True, kw_only=True)
class PlannedResource(Resource):
    """A managed resource of any type; `values` are Terraform's, with `Unknown` in them."""

    type: str
    values: Mapping[str, Any] = field(repr=False)

    def __getitem__(self, name: str) -> Any:
        """An attribute; None if the resource does not have it."""
        return self.values.get(name)

    def blocks(self, name: str) -> tuple[Mapping[str, Any], ...]:
        """The nested blocks of a name."""
        found = self.values.get(name)
        return tuple(found) if isinstance(found, list) else ()


@dataclass(frozen=True)
class Inventory:
    """The resources of a planned environment, and what the contract is about among them."""

    stack: Stack
    resources: tuple[PlannedResource, ...]

    def of(self, kind: str) -> tuple[PlannedResource, ...]:
        """The resources of a type."""
        return tuple(resource for resource in self.resources if resource.type == kind)
