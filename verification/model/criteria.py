"""The criteria: every promise of the plan, read from `criteria.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from verification.model.contract import ContractError, read_toml

REHEARSE = "rehearse"
"""The rung that is about a change: it is climbed only with a base to compare with."""
RUNGS = ("static", "plan", "policy", "sandbox", "smoke", REHEARSE)
"""The ladder, in the order in which its rungs are climbed."""


@dataclass(frozen=True)
class Criterion:
    """One promise of the plan, the rungs on which it must be proven, and by which checks.

    `checks` holds, by the name of a check, the rungs on which it must speak. A promise about a
    `change` is part of a run only if that has a base to compare with.
    """

    id: str
    title: str
    area: str
    plan: str
    rungs: tuple[str, ...]
    change: bool = False
    checks: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)

    def on(self, rung: str) -> list[str]:
        """The checks that must speak on a rung."""
        return [check for check, rungs in self.checks.items() if rung in rungs]


def load_criteria(path: Path) -> dict[str, Criterion]:
    """Read the criteria, by id, in the file's order.

    Raises:
        ContractError: the file is missing or malformed, names an id twice or an unknown rung, or
            lists a check on a rung on which its criterion is not to be proven.
    """
    criteria: dict[str, Criterion] = {}
    try:
        for row in read_toml(path)["criteria"]:
            checks = {check: tuple(rungs) for check, rungs in row.get("checks", {}).items()}
            criterion = Criterion(**row | {"rungs": tuple(row["rungs"]), "checks": checks})
            if criterion.id in criteria:
                raise ContractError(f"{path}: criterion {criterion.id} stands there twice")
            if unknown := set(criterion.rungs) - set(RUNGS):
                raise ContractError(f"{path}: {criterion.id}: no such rung: {sorted(unknown)}")
            _demand_rungs(path, criterion)
            criteria[criterion.id] = criterion
    except (KeyError, TypeError, AttributeError) as error:
        raise ContractError(f"{path}: a field is missing or misnamed: {error}") from error
    return criteria


def _demand_rungs(path: Path, criterion: Criterion) -> None:
    for check, rungs in criterion.checks.items():
        if not rungs or set(rungs) - set(criterion.rungs):
            raise ContractError(
                f"{path}: {criterion.id}: {check} must name one or more of the criterion's own "
                f"rungs, {', '.join(criterion.rungs)}; it names {', '.join(rungs) or 'none'}"
            )
