"""What a rehearsal saw: what users had before a change, and what they have after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from verification.model.changes import Changeset

Items = Mapping[str, Mapping[str, Any]]
"""A table's items by their key."""


@dataclass(frozen=True)
class Possessions:
    """What users have: the items of each table by its address, and the API's answers by request."""

    items: Mapping[str, Items]
    answers: Mapping[str, Any]

    def adding(self, answers: Mapping[str, Any]) -> Possessions:
        """The same with more answers."""
        return replace(self, answers={**self.answers, **answers})


@dataclass(frozen=True)
class Rehearsal:
    """A change as it went on what the base had deployed.

    `counts` says how many things each holder of data held, by its address, where that can be
    counted. `after` is None where the change was stopped before its apply. `code` is that of
    backend.deploy, `said` its last words.
    """

    changeset: Changeset
    counts: Mapping[str, int]
    before: Possessions
    after: Possessions | None = None
    code: int = 0
    said: str = ""
