"""The results of the sandbox rung's jobs."""

from __future__ import annotations

from dataclasses import dataclass, field

from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.terraform.cli import Changes, Terraform
from verification.model.changes import Drift, Tampering


@dataclass(frozen=True)
class Applied:
    """An applied environment: its embedded AWS, and its Terraform."""

    world: EmbeddedAws
    terraform: Terraform
    changes: Changes


@dataclass(frozen=True)
class Drifted:
    """The manual changes, the drift that a plan found, and what the plan would change."""

    made: list[Tampering]
    found: list[Drift]
    switch: str
    planned: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Destroyed:
    """A destroy's error ("" if none), and the resources before and after.

    `items` is the number of items before and after by table; -1 after if the table is deleted.
    """

    error: str
    before: int
    left: list[str]
    items: dict[str, tuple[int, int]] = field(default_factory=dict)
