"""The criteria: the promises of the plan, read from `criteria.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from verification.model.data_file import STRICT, checked, demand_once, read_toml

REHEARSE = "rehearse"
"""The rung of the rehearsal; it runs only with a base."""
Rung = Literal["static", "plan", "policy", "sandbox", "smoke", "rehearse"]
RUNGS: tuple[str, ...] = get_args(Rung)
"""The rungs of the ladder, in order."""
EACH_ENVIRONMENT: tuple[Rung, ...] = ("plan", "sandbox")
"""The rungs on which a check runs in each selected environment.

On the other rungs it examines the source, all plans together, or one deployment.
"""


@dataclass(frozen=True)
class Criterion:
    """One promise of the plan, the rungs on which it must be proven, and the checks that prove it.

    `checks` maps each required check to its rungs. On plan and sandbox it is required in each
    selected environment, unless `once` names it. `account` names the checks that need a real
    account. A criterion of a `change` applies only to runs with a base.
    """

    id: str
    title: str
    area: str
    plan: str
    rungs: tuple[Rung, ...]
    change: bool = False
    once: tuple[str, ...] = ()
    account: tuple[str, ...] = ()
    checks: Mapping[str, tuple[Rung, ...]] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        """Check that the required checks are on the criterion's rungs."""
        if not self.rungs:
            raise ValueError(f"{self.id}: has no rungs; add at least one")
        for name in (*self.once, *self.account):
            if name not in self.checks:
                raise ValueError(f"{self.id}: {name} is not among its checks")
        for check, rungs in self.checks.items():
            if not rungs or set(rungs) - set(self.rungs):
                raise ValueError(
                    f"{self.id}: {check} expected one or more of the criterion's rungs, "
                    f"{', '.join(self.rungs)}; found {', '.join(rungs) or 'none'}"
                )

    def on(self, rung: str) -> list[str]:
        """The required checks on a rung."""
        return [check for check, rungs in self.checks.items() if rung in rungs]

    def for_each(self, check: str, rung: str) -> bool:
        """Whether a check is required in each selected environment on a rung."""
        return rung in EACH_ENVIRONMENT and check not in self.once


@dataclass(frozen=True)
class _File:
    """The content of `criteria.toml`."""

    __pydantic_config__ = STRICT

    criteria: tuple[Criterion, ...]

    def __post_init__(self) -> None:
        demand_once("criterion", (criterion.id for criterion in self.criteria))
        if unproven := [criterion.id for criterion in self.criteria if not criterion.checks]:
            raise ValueError(
                f"no check proves {', '.join(unproven)}: add one to [criteria.checks], or "
                "remove the criterion"
            )


def load_criteria(path: Path) -> dict[str, Criterion]:
    """Read the criteria, by id, in the file's order.

    Raises:
        ContractError: the file is missing or malformed, has an id twice, an unknown rung, a check
            on a rung that its criterion does not have, or a criterion without a rung or a check.
    """
    return {one.id: one for one in checked(_File, read_toml(path), path).criteria}
