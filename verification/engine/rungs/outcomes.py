"""What the sandbox's jobs give."""

from __future__ import annotations

from dataclasses import dataclass, field

from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.terraform.cli import Changes, Terraform
from verification.model.changes import Drift, Tampering


@dataclass(frozen=True)
class Applied:
    """An environment that was applied: the world it stands in, and the Terraform that knows it."""

    world: EmbeddedAws
    terraform: Terraform
    changes: Changes


@dataclass(frozen=True)
class Drifted:
    """What was changed by hand, what a plan found, and what it would change."""

    made: list[Tampering]
    found: list[Drift]
    switch: str
    planned: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Destroyed:
    """What a destroy did: its error ("" if none), what was there before and what is left.

    `items` holds, by table, how many items it held before and after; -1 after if it is gone.
    """

    error: str
    before: int
    left: list[str]
    items: dict[str, tuple[int, int]] = field(default_factory=dict)
