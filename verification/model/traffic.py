"""Requests that failed, and what a machine that is too slow has to do with it."""

from __future__ import annotations

from dataclasses import dataclass

BACKEND_WAITS = 2.0
"""Seconds that the backend waits for the answer to a call of AWS: backend.aws.READ_SECONDS."""
_SLOW = BACKEND_WAITS / 2


@dataclass(frozen=True)
class Failure:
    """A request that failed.

    Args:
        text: the request and what came of it.
        slowest_call: where the backend itself gave up, how many seconds the embedded AWS took for
            its slowest call meanwhile; 0 for any other failure, and where nobody records calls.
    """

    text: str
    slowest_call: float = 0.0

    @property
    def is_excused(self) -> bool:
        """Whether the machine was too slow for the backend to answer.

        Half of what the backend waits for is enough: the way there and back is not recorded.
        """
        return self.slowest_call >= _SLOW


@dataclass(frozen=True)
class Traffic:
    """Requests of many clients at once: how many there were, and those that failed."""

    clients: int
    requests: int
    failures: tuple[Failure, ...]


def too_slow(seconds: float) -> str:
    """Say that a machine on which a call took so long cannot tell."""
    return (
        f"the embedded AWS took up to {seconds:.1f} s for a call at that moment, and the backend "
        f"waits {BACKEND_WAITS:.0f} s: this machine is too slow to tell. Use one with less to do"
    )
