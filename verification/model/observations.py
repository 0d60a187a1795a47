"""What scenarios of the smoke rung saw of the deployed application; checks judge it.

`refused` of each holds the AWS calls of tasks that IAM refused, as `operation on resources`; it is
None where nobody recorded them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from verification.model.traffic import Traffic

Status = Mapping[str, Any]
"""A trial's status as the API tells it."""
Refused = tuple[str, ...] | None
"""What IAM refused to tasks; None where nobody recorded it."""


@dataclass(frozen=True)
class TrialSeen:
    """One user's trial from before its start to after its end.

    `start` and `again` are the answers to the first and a second start; `late` is the one to a
    start after expiry. `strangers` has the answer's status by who asked without being allowed to.
    """

    before: Status
    start: int
    running: Status
    again: int
    over: Status
    late: int
    strangers: Mapping[str, int]
    refused: Refused


@dataclass(frozen=True)
class StrangersSeen:
    """The status of an answer by who asked without being allowed to."""

    strangers: Mapping[str, int]
    refused: Refused


@dataclass(frozen=True)
class RaceSeen:
    """Simultaneous starts: for each user, the status of every answer, and whether it then runs."""

    answers: tuple[tuple[int, ...], ...]
    running: tuple[bool, ...]
    refused: Refused


@dataclass(frozen=True)
class CallsSeen:
    """DynamoDB calls, as `operation table`, by the request that was made `requests` times."""

    requests: int
    calls: Mapping[str, tuple[str, ...]]
    refused: Refused


@dataclass(frozen=True)
class Holdings:
    """What a user has: the trial, the link's codes, and where a click on it led.

    `clicks` is what the link counts, `clicked` how often it was really clicked.
    """

    trial: Status
    codes: tuple[str, ...]
    redirect: tuple[int, str]
    clicks: int
    clicked: int


@dataclass(frozen=True)
class PersistenceSeen:
    """A user's holdings before, and after each thing that happened to the tasks."""

    before: Holdings
    after: Mapping[str, Holdings]
    refused: Refused


@dataclass(frozen=True)
class LinksSeen:
    """What links did: the status of each request, by what it asked for, and facts beside it.

    `made` are all codes of a user, `pages` those on each page of the list. `expiry` and `ttl` are
    the expiry asked for and the one in the table, in epoch seconds. `repeated` is how many calls
    the SDK sent again, because their answers did not come; None where nobody recorded them.
    `head_clicks` is what a link counts that was asked for by HEAD only. `public_url` is where users
    reach the deployment, `handed_out` the short address and the code in each answer that has them.
    """

    statuses: Mapping[str, int]
    target: str
    location: str
    clicked: int
    clicks: int
    repeated: int | None
    made: tuple[str, ...]
    pages: tuple[tuple[str, ...], ...]
    page_size: int
    expiry: int
    ttl: int
    head_clicks: int
    public_url: str
    handed_out: Mapping[str, tuple[str, str]]
    refused: Refused


@dataclass(frozen=True)
class FileSeen:
    """A file's way up and down: the status of each request, and what was sent and received.

    `disposition` is the header that it came with.
    """

    statuses: Mapping[str, int]
    sent: bytes
    received: bytes
    disposition: str
    refused: Refused


@dataclass(frozen=True)
class RolloutSeen:
    """A deploy under traffic: 0 or an exit code, last words, and what ran before and after it.

    `states` are the rollout states of the deployments that it led to, by image.
    """

    traffic: Traffic
    code: int
    said: str
    tasks_before: frozenset[str]
    tasks_after: frozenset[str]
    image_before: str
    image_wanted: str
    image_after: str
    states: Mapping[str, str]
    trial_before: Status
    trial_after: Status
    refused: Refused


@dataclass(frozen=True)
class StabilitySeen:
    """A service left alone, then robbed of a task.

    `samples` has desired, running and pending count at every look; `targets` the health of all
    targets; `stopped` the reasons of tasks that stopped by themselves. `killed` is the task that
    was killed, `before` and `after` are the running ones around that.
    """

    samples: tuple[tuple[int, int, int], ...]
    targets: tuple[str, ...]
    stopped: tuple[str, ...]
    killed: str
    before: frozenset[str]
    after: frozenset[str]
    refused: Refused


@dataclass(frozen=True)
class QuickRollbackSeen:
    """The switch to SQLite and back: exit codes of both deploys, and the user's trial.

    `on_sqlite` is the status there, `started` the answer to a start there, `ready` to /ready.
    """

    codes: tuple[int, int]
    before: Status
    on_sqlite: Status
    started: int
    ready: int
    after: Status
    refused: Refused


@dataclass(frozen=True)
class CompleteRollbackSeen:
    """Tables removed behind a service that was rolled back to SQLite.

    `calls` are the DynamoDB calls of tasks while they served `requests` requests. `left` are the
    tables still there; `answers` has each request's status after they were gone.
    """

    code: int
    requests: int
    calls: tuple[str, ...]
    left: tuple[str, ...]
    answers: Mapping[str, int]
    refused: Refused


@dataclass(frozen=True)
class RestoredTable:
    """A table restored in place of itself: items by key as saved and as restored, and settings.

    `damaged` is how many items were lost or changed when it was restored. `settings` has (before,
    after the restore and an apply) by name.
    """

    saved: Mapping[str, Any]
    restored: Mapping[str, Any]
    damaged: int
    settings: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True)
class RestoreSeen:
    """The restore drill: both tables by key, and the user's trial before, damaged, and back.

    `planned` is what the apply after the restore had to do, (action, address) each, and `left`
    what a plan after it would still do.
    """

    tables: Mapping[str, RestoredTable]
    planned: tuple[tuple[str, str], ...]
    left: tuple[tuple[str, str], ...]
    before: Status
    damaged: Status
    after: Status
    redirect: tuple[int, str]
    target: str
    refused: Refused


@dataclass(frozen=True)
class WiringSeen:
    """Parameters by name and the variables of the running and of Terraform's own task definition.

    `parameters` are those in the parameter store, with values.
    """

    path: str
    parameters: Mapping[str, str]
    variables: Mapping[str, str]
    terraform: Mapping[str, str]
    refused: Refused
