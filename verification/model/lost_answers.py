"""What the scenario of lost and refused answers saw; checks judge it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from verification.model.observations import Refused


@dataclass(frozen=True)
class Outcome:
    """A write of the API as its user knows it: the answer's status, and each fact that it made.

    `calls` is how often the backend called DynamoDB for it, whatever the SDK repeats; `spoiled` how
    many attempts were throttled, or carried out without an answer that arrived.
    """

    status: int
    facts: Mapping[str, Any]
    calls: int
    spoiled: int


@dataclass(frozen=True)
class LostAnswersSeen:
    """Each write by name: as usual, and repeated, by what happened to the first attempt.

    `clicked` is how often one link was clicked at the same time, `lost` how many answers were lost
    meanwhile, and `clicks` what the link counted.
    """

    usual: Mapping[str, Outcome]
    repeated: Mapping[str, Mapping[str, Outcome]]
    clicked: int
    lost: int
    clicks: int
    refused: Refused
