"""How many files this process and its children may have open."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterable

from verification.engine.errors import EnvironmentUnavailable

NEEDED = 1024
"""Enough for several deployments at once: a request is three connections in one process."""
_MOST = 65_536  # Some programs look at each number up to the limit.
_DEPLOYING = frozenset({"smoke", "rehearse"})


def demand_open_files(rungs: Iterable[str]) -> None:
    """Raise the soft limit to the hard one; children inherit it.

    Raises:
        EnvironmentUnavailable: the hard limit is too low for one of these rungs.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = max(_known(soft), min(_known(hard), _MOST))
    if limit != _known(soft):
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    if limit < NEEDED and _DEPLOYING & set(rungs):
        raise EnvironmentUnavailable(
            f"smoke and rehearse need {NEEDED} open files, and this machine allows {limit}: raise "
            f"the hard limit (`ulimit -Hn {NEEDED}` as root), or leave these rungs out."
        )


def _known(limit: int) -> int:
    """A limit as a number that can be compared."""
    return sys.maxsize if limit == resource.RLIM_INFINITY else limit
