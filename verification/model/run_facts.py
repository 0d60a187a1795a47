"""What a run was: when and where, of which commit, with which tools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Where:
    """Which AWS was verified: "embedded" or "aws"; account and region, "" where nobody knows."""

    target: str
    account: str
    region: str


@dataclass(frozen=True)
class Machine:
    """Its processors, and how many times slower than usual it was: mostly, and at worst."""

    processors: int
    slowness: float
    worst_slowness: float


@dataclass(frozen=True)
class RunFacts:
    """The circumstances of a run.

    `source_root` is where files are named from: the folder that holds Terraform's, from the
    repository's root, with a slash at its end; "" is that root, or no repository.
    """

    started: datetime
    duration_seconds: float
    arguments: tuple[str, ...]
    where: Where
    machine: Machine
    source_root: str
    commit: str
    dirty: bool
    tools: Mapping[str, str]
