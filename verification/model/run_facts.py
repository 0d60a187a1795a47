"""The circumstances of a run: time, target, commit, tool versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Where:
    """The target: "embedded" or "aws"; account and region, "" if unknown."""

    target: str
    account: str
    region: str


@dataclass(frozen=True)
class Machine:
    """The machine: processors, and its slowness factors (median and maximum)."""

    processors: int
    slowness: float
    worst_slowness: float


@dataclass(frozen=True)
class RunFacts:
    """The circumstances of a run.

    `source_root` is the prefix of file names in messages: the path of the folder that contains
    Terraform's, from the repository's root, with a slash at the end; "" for the root or without
    git.
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
