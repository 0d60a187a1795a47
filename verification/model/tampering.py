"""A change made by hand, and how a plan reports one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Tampering:
    """A change made behind Terraform's back; `make` does it, given a maker of AWS clients.

    `attribute` is the one that must be named, or "deleted" for a resource that is gone.
    """

    what: str
    address: str
    attribute: str
    make: Callable[[Callable[[str], Any]], object]


@dataclass(frozen=True)
class Drift:
    """An attribute that a plan found changed outside Terraform, or "deleted".

    `now` is the value that it has now, as text.
    """

    address: str
    attribute: str
    now: str = ""
