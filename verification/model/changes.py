"""A change: what a plan does to what the base left, what a rehearsal saw of it, and by whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from verification.model.policies import Waiver
from verification.model.source import block_address
from verification.model.stack import Stack

KEEPS_DATA = "data_loss.keeps_data"
"""The rule that a rehearsal stops at: its check's name, as a waiver gives it."""


@dataclass(frozen=True)
class Change:
    """What a plan does to one resource.

    `actions` are Terraform's: no-op, create, update, delete, forget. `forced_by` are the attributes
    that cannot change in place; `reason` is Terraform's for an action that none of them forces.
    `before` and `after` are the attributes, without those known only after apply.
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
        """Whether the base's apply left it."""
        return self.actions != ("create",)

    @property
    def ends(self) -> bool:
        """Whether what is there now is deleted, or is Terraform's no longer."""
        return bool({"delete", "forget"} & set(self.actions))


@dataclass(frozen=True)
class Changeset:
    """A change to one environment: the base's stack, the working tree's, and the plan between.

    `before` is None where the base does not have the environment. `refused` is what Terraform says
    where it will not even plan, as at prevent_destroy. `waivers` are those that come with it.
    """

    environment: str
    before: Stack | None
    after: Stack
    changes: tuple[Change, ...]
    refused: str = ""
    waivers: tuple[Waiver, ...] = ()

    def of_types(self, types: tuple[str, ...]) -> list[Change]:
        """The changes of the resources of some types that were there before."""
        return [change for change in self.changes if change.type in types and change.existed]

    def losses(self, types: tuple[str, ...]) -> list[Change]:
        """The changes that end a resource of some types, and that nobody answers for."""
        ending = (change for change in self.of_types(types) if change.ends)
        return [change for change in ending if not self.waiver(KEEPS_DATA, change.address)]

    def address_before(self, address: str) -> str:
        """What an address was called before a `moved` block renamed it."""
        found = (c.previous_address for c in self.changes if c.address == address)
        return next(found, "") or address

    def waiver(self, rule: str, address: str) -> Waiver | None:
        """The waiver of a rule at a resource, if there is one."""
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
    """What users have: the items of each table by its address, and the API's answers by request."""

    items: Mapping[str, Items]
    answers: Mapping[str, Any]

    def adding(self, answers: Mapping[str, Any]) -> Possessions:
        """The same with more answers."""
        return replace(self, answers={**self.answers, **answers})


@dataclass(frozen=True)
class Rehearsal:
    """A change as it went on what the base had deployed.

    `counts` says how many things each holder of data held, by its address, where that can be
    counted. `after` is None where the change was stopped before its apply. `code` is that of
    backend.deploy, `said` its last words.
    """

    changeset: Changeset
    counts: Mapping[str, int]
    before: Possessions
    after: Possessions | None = None
    code: int = 0
    said: str = ""


@dataclass(frozen=True)
class Tampering:
    """A change made behind Terraform's back; `make` does it, given a maker of AWS clients.

    `attribute` is the one that must be named, or "deleted" for a resource that is gone.
    """

    what: str
    address: str
    attribute: str
    make: Callable[[Callable[[str], Any]], object]


@dataclass(frozen=True)
class Drift:
    """An attribute that a plan found changed outside Terraform, or "deleted".

    `now` is the value that it has now, as text.
    """

    address: str
    attribute: str
    now: str = ""
