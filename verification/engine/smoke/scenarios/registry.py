"""Registration of scenarios."""

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
    """What a scenario needs from a run: stages, the contract, and a folder for files."""

    contract: Contract
    reports: Path

    def stage(self, environment: str, scenario: str) -> AbstractContextManager[Stage]:
        """A deployed backend of the run's target, ready for requests; a context manager."""

    def embedded(
        self, environment: str, scenario: str, images: Images = repository_image
    ) -> AbstractContextManager[EmbeddedStage]:
        """One in a separate fork, for actions that are not possible on a real account."""

    def terraform(self, stage: EmbeddedStage) -> Terraform:
        """Terraform, with the state of the apply, for a stage's embedded AWS."""


class Scenario(Generic[T]):
    """A function (stages, environment) that returns observations; `alone` if it runs alone."""

    def __init__(self, function: Callable[[Stages, str], T]) -> None:
        self.function, self.name, self.alone = function, function.__name__, False

    def __call__(self, stages: Stages, environment: str) -> T:
        """Run it."""
        return self.function(stages, environment)


SCENARIOS: list[Scenario[Any]] = []
"""All scenarios, in the order in which waiting ones proceed."""


def alone(scenario: Scenario[T]) -> Scenario[T]:
    """Run a scenario alone, because it measures time."""
    scenario.alone = True
    return scenario


def scenario(function: Callable[[Stages, str], T]) -> Scenario[T]:
    """Register a function (stages, environment) that returns observations."""
    made = Scenario(function)
    SCENARIOS.append(made)
    return made
