"""What makes a function a scenario."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from verification.engine.aws.fargate import Images, repository_image
from verification.engine.smoke.stage import EmbeddedStage, Stage
from verification.engine.terraform.cli import Terraform
from verification.model.contract import Contract

T = TypeVar("T")


class Stages(Protocol):
    """What a scenario needs of a run: stages, the contract, and where files for people go."""

    contract: Contract
    reports: Path

    def stage(self, environment: str, scenario: str) -> AbstractContextManager[Stage]:
        """A deployed backend of the run's target, ready for requests; ends with the block."""

    def embedded(
        self, environment: str, scenario: str, images: Images = repository_image
    ) -> AbstractContextManager[EmbeddedStage]:
        """One in a fork of its own, for what no real account can bear; ends with the block."""

    def terraform(self, stage: EmbeddedStage) -> Terraform:
        """Terraform, with the state of what was applied, to go on in a stage's world."""


class Scenario(Generic[T]):
    """A function (stages, environment) -> what it saw. `alone`: nothing else runs meanwhile."""

    def __init__(self, function: Callable[[Stages, str], T]) -> None:
        self.function, self.name, self.alone = function, function.__name__, False

    def __call__(self, stages: Stages, environment: str) -> T:
        """Play it."""
        return self.function(stages, environment)


SCENARIOS: list[Scenario[Any]] = []
"""All scenarios, the one that goes first where several wait for a turn at the front."""


def alone(scenario: Scenario[T]) -> Scenario[T]:
    """Let a scenario run while no other does: it measures time."""
    scenario.alone = True
    return scenario


def scenario(function: Callable[[Stages, str], T]) -> Scenario[T]:
    """Register a function (stages, environment) -> what it saw as a scenario."""
    made = Scenario(function)
    SCENARIOS.append(made)
    return made
