"""Faults, and the calls that they match."""

from dataclasses import dataclass
from threading import Lock

from verification.engine.aws.emulator.protocol import Fault
from verification.engine.aws.emulator.server.aws_request import AwsRequest


@dataclass
class _Armed:
    fault: Fault
    left: int | None


class Faults:
    """The injected faults; a counted one is used exactly that often, also by concurrent calls."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._armed: list[_Armed] = []

    def arm(self, fault: Fault) -> None:
        """Add a fault after the existing ones."""
        with self._lock:
            self._armed.append(_Armed(fault, fault.count))

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._armed.clear()

    def take(self, request: AwsRequest) -> Fault | None:
        """Return the first matching fault, and decrement its count."""
        with self._lock:
            for armed in self._armed:
                if armed.left != 0 and _fits(armed.fault, request):
                    if armed.left is not None:
                        armed.left -= 1
                    return armed.fault
        return None


def _fits(fault: Fault, request: AwsRequest) -> bool:
    if fault.service != request.service or fault.operation not in (None, request.operation):
        return False
    if fault.key is not None and fault.key not in request.key:
        return False
    wanted = fault.resource
    return wanted is None or any(_names(wanted, arn) for arn in request.resources)


def _names(wanted: str, arn: str) -> bool:
    """Whether a name is that of the resource, or a part of a table's path."""
    return wanted == arn or f"/{wanted.strip('/')}/" in f"{arn}/"
