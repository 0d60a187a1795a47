"""A change: the base's stack, the plan on top of it, and what a rehearsal observed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from verification.model.policies import Waiver
from verification.model.source import block_address
from verification.model.stack import Stack

KEEPS_DATA = "data_loss.keeps_data"
"""The check that stops a rehearsal, as a waiver names it."""


@dataclass(frozen=True)
class Change:
    """What a plan does to one resource.

    `actions` are Terraform's: no-op, create, update, delete, forget. `forced_by` are the attributes
    that force replacement; `reason` is Terraform's action reason for other replacements. `before`
    and `after` are the attributes, without those known only after apply. (Terraform, "JSON output
    format", https://developer.hashicorp.com/terraform/internals/json-format)
    """

    address: str
    type: str
    actions: tuple[str, ...]
    forced_by: tuple[str, ...] = ()
    reason: str = ""
    previous_address: str = ""
    source: str = ""
    before: Mapping[str, Any] = field(default_factory=dict, repr=False)
    after: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def existed(self) -> bool:
        """Whether the resource existed in the base."""
        return self.actions != ("create",)

    @property
    def ends(self) -> bool:
        """Whether the existing resource is deleted, replaced or removed from the state."""
        return bool({"delete", "forget"} & set(self.actions))


@dataclass(frozen=True)
class Changeset:
    """A change of one environment: the base's stack, the working tree's stack, and the plan.

    `before` is None if the base does not have the environment. `refused` is Terraform's error if it
    refuses to plan, as with prevent_destroy. `waivers` are those that the change adds.
    """

    environment: str
    before: Stack | None
    after: Stack
    changes: tuple[Change, ...]
    refused: str = ""
    waivers: tuple[Waiver, ...] = ()

    def of_types(self, types: tuple[str, ...]) -> list[Change]:
        """The changes of existing resources of these types."""
        return [change for change in self.changes if change.type in types and change.existed]

    def losses(self, types: tuple[str, ...]) -> list[Change]:
        """The changes that end a resource of these types without a waiver."""
        ending = (change for change in self.of_types(types) if change.ends)
        return [change for change in ending if not self.waiver(KEEPS_DATA, change.address)]

    def address_before(self, address: str) -> str:
        """The address before a `moved` block renamed it."""
        found = (c.previous_address for c in self.changes if c.address == address)
        return next(found, "") or address

    def waiver(self, rule: str, address: str) -> Waiver | None:
        """The waiver of a rule at an address, if there is one."""
        block = block_address(address)
        for waiver in self.waivers:
            here = not waiver.environments or self.environment in waiver.environments
            if here and (waiver.rule, waiver.address) == (rule, block):
                return waiver
        return None


Items = Mapping[str, Mapping[str, Any]]
"""A table's items by their key."""


@dataclass(frozen=True)
class Possessions:
    """Users' data: the items of each table by its address, and the API's answers by request."""

    items: Mapping[str, Items]
    answers: Mapping[str, Any]

    def adding(self, answers: Mapping[str, Any]) -> Possessions:
        """A copy with more answers."""
        return replace(self, answers={**self.answers, **answers})


@dataclass(frozen=True)
class Rehearsal:
    """What a rehearsal of a change observed.

    `counts` is the number of things in each resource that holds data, by address, if it can be
    counted. `after` is None if the rehearsal stopped before the apply. `code` is the exit code of
    backend.deploy, `said` its last output.
    """

    changeset: Changeset
    counts: Mapping[str, int]
    before: Possessions
    after: Possessions | None = None
    code: int = 0
    said: str = ""


@dataclass(frozen=True)
class Tampering:
    """A manual change outside Terraform; `make` performs it with a factory of AWS clients.

    `attribute` is the one that drift detection must name, or "deleted" for a deleted resource.
    """

    what: str
    address: str
    attribute: str
    make: Callable[[Callable[[str], Any]], object]


@dataclass(frozen=True)
class Drift:
    """An attribute that a plan found changed outside Terraform, or "deleted".

    `now` is its current value as text.
    """

    address: str
    attribute: str
    now: str = ""
