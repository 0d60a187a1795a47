"""A user's data before and after tasks are replaced."""

from __future__ import annotations

from collections.abc import Callable

from verification.engine.smoke.http_session import Session
from verification.engine.smoke.scenarios.helpers import (
    TRIAL,
    listed,
    refused,
    shorten,
    switch,
    trial_of,
)
from verification.engine.smoke.scenarios.registry import Stages, scenario
from verification.engine.smoke.stage import Stage
from verification.model.smoke.observations import Holdings, PersistenceSeen

_TARGET = "https://example.com/kept?a=1"


@scenario
def persistence(stages: Stages, environment: str) -> PersistenceSeen:
    """A user's trial and link through a redeploy, a killed task, a scale-out and a scale-in."""
    with stages.stage(environment, "persistence") as stage:
        tasks = stage.deployment.service.describe()["desiredCount"]
        events: dict[str, Callable[[], object]] = {
            "a redeploy": stage.deployment.force_redeploy,
            "a killed task": lambda: _kill(stage),
            "a scale-out": lambda: stage.deployment.scale(tasks + 1),
            "a scale-in": lambda: stage.deployment.scale(tasks),
        }
        return _through(stage, events)


@scenario
def persistence_on_sqlite(stages: Stages, environment: str) -> PersistenceSeen:
    """The same on SQLite, through a redeploy: the data loss that the plan fixes."""
    with stages.embedded(environment, "persistence_on_sqlite") as stage:
        switch(stage, use_dynamodb=False)
        return _through(stage, {"a redeploy": stage.deployment.force_redeploy})


def _through(stage: Stage, events: dict[str, Callable[[], object]]) -> PersistenceSeen:
    user = stage.deployment.user("kept")
    user.post(TRIAL).demand(201)
    code = shorten(user, _TARGET)
    before = _look(user, code, 1)
    after = {}
    for clicked, (name, happen) in enumerate(events.items(), 2):
        happen()
        after[name] = _look(user, code, clicked)
    return PersistenceSeen(before, after, refused(stage))


def _look(user: Session, code: str, clicked: int) -> Holdings:
    """Click on the link, as click number `clicked`, and read everything."""
    click = user.get(f"/{code}")
    links = listed(user)
    codes = tuple(link["short_code"] for link in links)
    clicks = next((link["clicks"] for link in links if link["short_code"] == code), 0)
    redirect = (click.status, click.headers.get("location", ""))
    return Holdings(trial_of(user), codes, redirect, clicks, clicked)


def _kill(stage: Stage) -> None:
    stage.deployment.kill_task()
    stage.deployment.wait_steady()
