"""The criteria: every promise of the plan, read from `criteria.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from verification.model.contract import ContractError, read_toml

REHEARSE = "rehearse"
"""The rung that is about a change: it is climbed only with a base to compare with."""
RUNGS = ("static", "plan", "policy", "sandbox", "smoke", REHEARSE)
"""The ladder, in the order in which its rungs are climbed."""


@dataclass(frozen=True)
class Criterion:
    """One promise of the plan, and the rungs on which it must be proven.

    A promise about a `change` is part of a run only if that has a base to compare with.
    """

    id: str
    title: str
    area: str
    plan: str
    rungs: tuple[str, ...]
    change: bool = False


def load_criteria(path: Path) -> dict[str, Criterion]:
    """Read the criteria, by id, in the file's order.

    Raises:
        ContractError: the file is missing or malformed, or names an id twice or an unknown rung.
    """
    criteria: dict[str, Criterion] = {}
    try:
        for row in read_toml(path)["criteria"]:
            criterion = Criterion(**row | {"rungs": tuple(row["rungs"])})
            if criterion.id in criteria:
                raise ContractError(f"{path}: criterion {criterion.id} stands there twice")
            if unknown := set(criterion.rungs) - set(RUNGS):
                raise ContractError(f"{path}: {criterion.id}: no such rung: {sorted(unknown)}")
            criteria[criterion.id] = criterion
    except (KeyError, TypeError) as error:
        raise ContractError(f"{path}: a field is missing or misnamed: {error}") from error
    return criteria
