"""Patching moto's methods, with an error if moto has changed."""

import functools
from collections.abc import Callable
from typing import Any

Method = Callable[..., Any]


def wrap(owner: Any, name: str, around: Callable[[Method], Method]) -> None:
    """Replace a method that the class itself defines by a wrapper."""
    original = vars(owner).get(name)
    if not callable(original):
        raise LookupError(f"this moto has no {owner.__name__}.{name}: review the patch")
    setattr(owner, name, functools.wraps(original)(around(original)))


def add(owner: type, method: Method) -> None:
    """Add an operation that the class does not have."""
    if hasattr(owner, method.__name__):
        raise LookupError(f"this moto has {owner.__qualname__}.{method.__name__}: remove the patch")
    setattr(owner, method.__name__, method)
