"""What a run cannot show, read from `limits.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from verification.model.contract import ContractError, read_toml


@dataclass(frozen=True)
class Limit:
    """Something that no run on the embedded AWS shows: why, and what would show it."""

    id: str
    what: str
    why: str
    shown_by: str


def load_limits(path: Path) -> tuple[Limit, ...]:
    """Read the limits, in the file's order.

    Raises:
        ContractError: the file is missing or malformed, or names an id twice.
    """
    try:
        found = tuple(Limit(**row) for row in read_toml(path)["limits"])
    except (KeyError, TypeError) as error:
        raise ContractError(f"{path}: a field is missing or misnamed: {error}") from error
    ids = [limit.id for limit in found]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise ContractError(f"{path}: these stand there twice: {', '.join(twice)}")
    return found
