"""The criteria: every promise of the plan, read from `criteria.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from verification.model.data_file import STRICT, checked, demand_once, read_toml

REHEARSE = "rehearse"
"""The rung that is about a change: it is climbed only with a base to compare with."""
Rung = Literal["static", "plan", "policy", "sandbox", "smoke", "rehearse"]
RUNGS: tuple[str, ...] = get_args(Rung)
"""The ladder, in the order in which its rungs are climbed."""
EACH_ENVIRONMENT: tuple[Rung, ...] = ("plan", "sandbox")
"""The rungs on which a check examines each selected environment.

The others examine the source, the plans of all environments at once, or one deployment.
"""


@dataclass(frozen=True)
class Criterion:
    """One promise of the plan, the rungs on which it must be proven, and by which checks.

    `checks` holds, by the name of a check, the rungs on which it must speak; on plan and sandbox it
    must speak in each environment, unless `once` names it. `account` names those that ask a real
    account. A promise about a `change` is part of a run only if that has a base to compare with.
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
        """A check speaks on one or more of the criterion's own rungs."""
        if not self.rungs:
            raise ValueError(f"{self.id}: has no rungs; write those that must prove it")
        for name in (*self.once, *self.account):
            if name not in self.checks:
                raise ValueError(f"{self.id}: {name} is not among its checks")
        for check, rungs in self.checks.items():
            if not rungs or set(rungs) - set(self.rungs):
                raise ValueError(
                    f"{self.id}: {check} must name one or more of the criterion's own rungs, "
                    f"{', '.join(self.rungs)}; it names {', '.join(rungs) or 'none'}"
                )

    def on(self, rung: str) -> list[str]:
        """The checks that must speak on a rung."""
        return [check for check, rungs in self.checks.items() if rung in rungs]

    def for_each(self, check: str, rung: str) -> bool:
        """Whether a check must speak in each selected environment on a rung."""
        return rung in EACH_ENVIRONMENT and check not in self.once


@dataclass(frozen=True)
class _File:
    """What `criteria.toml` holds."""

    __pydantic_config__ = STRICT

    criteria: tuple[Criterion, ...]

    def __post_init__(self) -> None:
        demand_once("criterion", (criterion.id for criterion in self.criteria))
        if unproven := [criterion.id for criterion in self.criteria if not criterion.checks]:
            raise ValueError(
                f"no check proves {', '.join(unproven)}: list one under [criteria.checks], or "
                "remove the criterion"
            )


def load_criteria(path: Path) -> dict[str, Criterion]:
    """Read the criteria, by id, in the file's order.

    Raises:
        ContractError: the file is missing or malformed, names an id twice or an unknown rung, lists
            a check on a rung on which its criterion is not to be proven, or has a criterion without
            a rung or a check.
    """
    return {one.id: one for one in checked(_File, read_toml(path), path).criteria}
