"""What makes a function a check."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import ModuleType
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])


def proves(criterion: str) -> Callable[[F], F]:
    """Mark a function as a check that proves a criterion of `criteria.toml`."""

    def mark(function: F) -> F:
        function.criterion = criterion  # type: ignore[attr-defined]
        return function

    return mark


def checks_in(modules: Iterable[ModuleType]) -> tuple[Callable[..., object], ...]:
    """Every check of some modules, in the order in which they are written."""
    return tuple(
        value
        for module in modules
        for value in vars(module).values()
        if hasattr(value, "criterion") and value.__module__ == module.__name__
    )


def name_of(check: Callable[..., object]) -> str:
    """A check's short name, such as `tables.expire_links`."""
    return f"{check.__module__.rpartition('.')[2]}.{check.__name__}"
