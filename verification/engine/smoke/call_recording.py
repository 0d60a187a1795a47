"""The AWS calls of roles, from all stages of a run."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from threading import Lock

from verification.engine.aws.emulator.protocol import Call
from verification.model.privileges import Need


class Recording:
    """Role, action and resource of every call of a role, by environment; thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._asked: dict[str, set[tuple[str, str, str]]] = {}

    def add(self, environment: str, calls: Iterable[Call]) -> None:
        """Add the calls of a stage."""
        found = {asked for call in calls for asked in call.asked}
        with self._lock:
            self._asked.setdefault(environment, set()).update(found)

    def of(self, environment: str, roles: Collection[object]) -> tuple[Need, ...]:
        """The needs of some roles, by their ARNs, in an environment, without duplicates."""
        with self._lock:
            asked = self._asked.get(environment, ())
            found = {(action, resource) for role, action, resource in asked if role in roles}
        return tuple(Need(*one, "recorded in the smoke rung") for one in sorted(found))
