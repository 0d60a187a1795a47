"""Observations of the scenario of lost and throttled calls; checks judge them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from verification.model.smoke.observations import Refused


@dataclass(frozen=True)
class Outcome:
    """The outcome of a write through the API: the answer's status, and the resulting facts.

    `calls` is the number of DynamoDB calls of the backend, without the SDK's retries; `spoiled` is
    the number of attempts that were throttled, or carried out without an answer.
    """

    status: int
    facts: Mapping[str, Any]
    calls: int
    spoiled: int


@dataclass(frozen=True)
class LostAnswersSeen:
    """Each write by name: the usual outcome, and the repeated one by the fault injected.

    `clicked` is the number of concurrent clicks on one link, `lost` the number of answers lost
    meanwhile, and `clicks` the link's count.
    """

    usual: Mapping[str, Outcome]
    repeated: Mapping[str, Mapping[str, Outcome]]
    clicked: int
    lost: int
    clicks: int
    refused: Refused
