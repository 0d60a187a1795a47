"""Failed requests, and whether a slow machine explains them."""

from __future__ import annotations

from dataclasses import dataclass

BACKEND_WAITS = 2.0
"""Seconds that the backend waits for an AWS call: backend.aws.READ_SECONDS."""
_SLOW = BACKEND_WAITS / 2


@dataclass(frozen=True)
class Failure:
    """A request that failed.

    Args:
        text: the request and its result.
        slowest_call: if the backend itself gave up, the duration in seconds of the embedded AWS's
            slowest call meanwhile; 0 for other failures, and if calls are not recorded.
    """

    text: str
    slowest_call: float = 0.0

    @property
    def is_excused(self) -> bool:
        """Whether the machine was too slow for the backend to answer.

        Half of the backend's timeout is enough: the time on the connection is not recorded.
        """
        return self.slowest_call >= _SLOW


@dataclass(frozen=True)
class Traffic:
    """Requests of concurrent clients: their number, and those that failed."""

    clients: int
    requests: int
    failures: tuple[Failure, ...]


def too_slow(seconds: float) -> str:
    """The text that a machine on which a call took so long is too slow to decide."""
    return (
        f"an AWS call took up to {seconds:.1f} s on the embedded AWS at that time; the backend's "
        f"timeout is {BACKEND_WAITS:.0f} s, so the machine is too slow to decide. Use an idle one"
    )
