"""Observations of the smoke rung's scenarios; checks judge them.

`refused` of each is the list of AWS calls of tasks, and of ECS for them, that IAM denied, as
`action on resource as role`; it is None if calls are not recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from verification.model.smoke.traffic import Traffic

Status = Mapping[str, Any]
"""A trial's status as the API returns it."""
Refused = tuple[str, ...] | None
"""Calls of tasks that IAM denied; None if calls are not recorded."""


@dataclass(frozen=True)
class TrialSeen:
    """One user's trial from before its start to after its end.

    `start` and `again` are the statuses of the first and a second start; `late` is the status of a
    start after expiry. `strangers` are the statuses of unauthorized requests by kind of token.
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
    """The statuses of unauthorized requests by kind of token."""

    strangers: Mapping[str, int]
    refused: Refused


@dataclass(frozen=True)
class VisitorsSeen:
    """The statuses of requests without a token, by method and path."""

    answers: Mapping[str, int]
    refused: Refused


@dataclass(frozen=True)
class RaceSeen:
    """Concurrent starts: for each user, the status of every answer, and whether the trial runs."""

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
    """A user's data: the trial, the links' short codes, and the answer to a click.

    `clicks` is the link's count, `clicked` the number of clicks made.
    """

    trial: Status
    codes: tuple[str, ...]
    redirect: tuple[int, str]
    clicks: int
    clicked: int


@dataclass(frozen=True)
class PersistenceSeen:
    """A user's data before, and after each event of the tasks."""

    before: Holdings
    after: Mapping[str, Holdings]
    refused: Refused


@dataclass(frozen=True)
class LinksSeen:
    """What the scenario of links observed: the status of each request by name, and other facts.

    `made` are all codes of a user, `pages` those on each page of the list. `expiry` and `ttl` are
    the requested expiry and the one in the table, in epoch seconds. `repeated` is the number of
    calls that the SDK repeated because of lost answers; None if calls are not recorded.
    `head_clicks` is the count of a link after HEAD requests only. `public_url` is the deployment's
    public URL, `handed_out` are the short URL and the code in each answer that has them.
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
    """A file's upload and download: the status of each request, and the content of both.

    `disposition` is the Content-Disposition of the download.
    """

    statuses: Mapping[str, int]
    sent: bytes
    received: bytes
    disposition: str
    refused: Refused


@dataclass(frozen=True)
class RolloutSeen:
    """A deploy under traffic: exit code, last output, and the tasks and images before and after.

    `states` are the rollout states of its deployments, by image.
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
    """A service during a period without changes, then after one task was killed.

    `samples` are desired, running and pending counts; `targets` the health of all targets;
    `stopped` the reasons of tasks that stopped unexpectedly. `killed` is the killed task, `before`
    and `after` are the running tasks before and after that.
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

    `on_sqlite` is the trial there, `started` the status of a start there, `ready` that of /ready.
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
    """Deletion of the tables after a rollback to SQLite.

    `calls` are the DynamoDB calls of tasks while they served `requests` requests. `left` are tables
    that still exist; `answers` are the statuses of requests after the deletion.
    """

    code: int
    requests: int
    calls: tuple[str, ...]
    left: tuple[str, ...]
    answers: Mapping[str, int]
    refused: Refused


@dataclass(frozen=True)
class RestoredTable:
    """A table restored under its own name: saved and restored items by key, and settings.

    `damaged` is the number of items that were lost or changed before the restore. `settings` are
    (before, after restore and apply) by name.
    """

    saved: Mapping[str, Any]
    restored: Mapping[str, Any]
    damaged: int
    settings: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True)
class RestoreSeen:
    """The restore drill: both tables by key, and the user's trial before, corrupted and after.

    `planned` are the changes of the apply after the restore, as (action, address); `left` are those
    of a plan after it.
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
    """Parameters, and variables of the running task and of Terraform's task definition.

    `parameters` are the values in the parameter store by name; of a secret, its ARN on both sides.
    """

    path: str
    parameters: Mapping[str, str]
    variables: Mapping[str, str]
    terraform: Mapping[str, str]
    refused: Refused
