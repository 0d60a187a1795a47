"""What makes a function a scenario."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from verification.engine.aws.fargate import Images, repository_image
from verification.engine.run.registry import job
from verification.engine.smoke.stage import EmbeddedStage, Stage
from verification.engine.terraform.cli import Terraform
from verification.model.contract import Contract


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


F = TypeVar("F", bound=Callable[[Stages, str], Any])


SCENARIOS: list[str] = []
"""The names of all scenarios."""


ALONE: set[str] = set()
"""Those that measure time, so that nothing else runs meanwhile."""


def alone(function: F) -> F:
    """Let a scenario run while no other does, after those that wait with it."""
    ALONE.add(function.__name__)
    return function


def scenario(function: F) -> F:
    """Register a function (run, environment) -> what it saw as a scenario: a job of the run."""
    SCENARIOS.append(function.__name__)
    return job(function)
