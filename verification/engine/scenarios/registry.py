"""What makes a function a scenario."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from verification.engine.fargate import Images, repository_image
from verification.engine.jobs.registry import job
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


F = TypeVar("F", bound=Callable[[Stages, str], Any])


def scenario(function: F) -> F:
    """Register a function (run, environment) -> what it saw as a scenario: a job of the run."""
    return job(function)
