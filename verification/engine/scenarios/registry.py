"""What makes a function a scenario."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from verification.engine.fargate import Images, repository_image
from verification.engine.stage import Stage
from verification.model.contract import Contract


class Stages(Protocol):
    """What a scenario needs of a run: stages, the contract, and where files for people go."""

    contract: Contract
    reports: Path

    def stage(
        self, environment: str, scenario: str, images: Images = repository_image
    ) -> AbstractContextManager[Stage]:
        """A deployed backend in a fork of its own, ready for requests; ends with the block."""


Scenario = Callable[[Stages, str], Any]
F = TypeVar("F", bound=Scenario)

SCENARIOS: dict[str, Scenario] = {}
"""Every scenario, by its function's name; that is the name of its job and of its fixture, too."""


def scenario(function: F) -> F:
    """Register a function (run, environment) -> what it saw as a scenario."""
    name = function.__name__
    if name in SCENARIOS:
        raise ValueError(f"two scenarios are called {name}")
    SCENARIOS[name] = function
    return function
