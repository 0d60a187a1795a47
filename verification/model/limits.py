"""What a run cannot show, read from `limits.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from verification.model.data_file import STRICT, checked, demand_once, read_toml


@dataclass(frozen=True)
class Limit:
    """Something that the embedded AWS cannot show: why, and what would show it."""

    id: str
    what: str
    why: str
    shown_by: str


@dataclass(frozen=True)
class _File:
    """The content of `limits.toml`."""

    __pydantic_config__ = STRICT

    limits: tuple[Limit, ...]

    def __post_init__(self) -> None:
        demand_once("limit", (limit.id for limit in self.limits))


def load_limits(path: Path) -> tuple[Limit, ...]:
    """Read the limits, in the file's order.

    Raises:
        ContractError: the file is missing or malformed, or names an id twice.
    """
    return checked(_File, read_toml(path), path).limits
