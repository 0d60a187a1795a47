"""Changing moto's methods so that a moto that has changed is noticed at once."""

import functools
from collections.abc import Callable
from typing import Any

Method = Callable[..., Any]


def wrap(owner: Any, name: str, around: Callable[[Method], Method]) -> None:
    """Replace a method that the class itself defines by one made around it."""
    original = vars(owner).get(name)
    if not callable(original):
        raise LookupError(f"this moto has no {owner.__name__}.{name}: review the fix")
    setattr(owner, name, functools.wraps(original)(around(original)))


def add(owner: type, method: Method) -> None:
    """Add an operation that the class lacks."""
    if hasattr(owner, method.__name__):
        raise LookupError(f"this moto has {owner.__qualname__}.{method.__name__}: drop the fix")
    setattr(owner, method.__name__, method)
