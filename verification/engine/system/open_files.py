"""The limit of open files of this process and its children."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterable

from verification.engine.errors import EnvironmentUnavailable

NEEDED = 1024
"""Enough for several deployments at once: a request uses three connections in one process."""
_MOST = 65_536  # Some programs iterate over all descriptors up to the limit.
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
            f"smoke and rehearse need {NEEDED} open files, but the limit is {limit}: raise "
            f"the hard limit (`ulimit -Hn {NEEDED}` as root), or select other rungs."
        )


def _known(limit: int) -> int:
    """A limit as a comparable number."""
    return sys.maxsize if limit == resource.RLIM_INFINITY else limit
