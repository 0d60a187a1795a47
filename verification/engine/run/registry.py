"""Jobs: functions that run once per run, in the background."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Concatenate, Generic, ParamSpec, TypeVar

if TYPE_CHECKING:
    from verification.engine.run.run import Run

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Job(Generic[P, T_co]):
    """A function of the run, or of the run and an environment, that is called once for each.

    `run.get(job, environment)` returns its result, with the function's return type.

    Args:
        function: the function.
        name: its name in messages; the function's by default.
    """

    def __init__(self, function: Callable[Concatenate[Run, P], T_co], name: str = "") -> None:
        self.function, self.name = function, name or function.__name__
        self.per_environment = len(inspect.signature(function).parameters) > 1
        self.__doc__ = function.__doc__


def job(function: Callable[Concatenate[Run, P], T]) -> Job[P, T]:
    """Make a function (run) or (run, environment) a job."""
    return Job(function)
