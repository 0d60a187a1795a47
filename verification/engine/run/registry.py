"""What makes a function a job."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Job:
    """A function of the run, or of the run and an environment, that is called once for each."""

    function: Callable[..., Any]
    per_environment: bool


JOBS: dict[str, Job] = {}
"""Every job, by its function's name; that is the name of its fixture, too."""


def job(function: F) -> F:
    """Register a function (run) or (run, environment) as a job of the run."""
    name = function.__name__
    if name in JOBS:
        raise ValueError(f"two jobs are called {name}")
    JOBS[name] = Job(function, len(inspect.signature(function).parameters) > 1)
    return function
