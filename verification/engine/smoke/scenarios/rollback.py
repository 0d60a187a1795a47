"""The quick rollback to SQLite and back, and the complete rollback."""

from __future__ import annotations

from verification.engine.smoke.http_session import Session
from verification.engine.smoke.scenarios.helpers import (
    LINKS,
    TRIAL,
    mark,
    refused,
    switch,
    table,
    task_calls,
    trial_of,
)
from verification.engine.smoke.scenarios.registry import Stages, scenario
from verification.engine.smoke.stage import EmbeddedStage
from verification.model.smoke.observations import CompleteRollbackSeen, QuickRollbackSeen

_TARGET = "https://example.com/rolled-back"


@scenario
def quick_rollback(stages: Stages, environment: str) -> QuickRollbackSeen:
    """Switch to SQLite and deploy, start a trial, switch back and deploy."""
    with stages.embedded(environment, "quick_rollback") as stage:
        user = stage.deployment.user("switched")
        user.post(TRIAL).demand(201)
        before = trial_of(user)
        away = switch(stage, use_dynamodb=False)
        on_sqlite = trial_of(user)
        started = user.post(TRIAL).status
        ready = user.get("/ready").status
        back = switch(stage, use_dynamodb=True)
        after = trial_of(user)
        return QuickRollbackSeen(
            (away, back), before, on_sqlite, started, ready, after, refused(stage)
        )


@scenario
def complete_rollback(stages: Stages, environment: str) -> CompleteRollbackSeen:
    """After the quick rollback, delete the tables while the service runs."""
    with stages.embedded(environment, "complete_rollback") as stage:
        code = switch(stage, use_dynamodb=False)
        user, since = stage.deployment.user("first"), mark(stage)
        served = _use(user, "with-tables")
        calls = [call for call in task_calls(stage, since) if call.service == "dynamodb"]
        _remove_tables(stage)
        # A new task must start without them, too.
        stage.deployment.force_redeploy()
        answers = _use(stage.deployment.user("second"), "without-tables")
        return CompleteRollbackSeen(
            code=code,
            requests=len(served),
            calls=tuple(f"{call.operation} {call.resources[0]}" for call in calls),
            left=_left(stage),
            answers=answers,
            refused=refused(stage),
        )


def _use(user: Session, alias: str) -> dict[str, int]:
    """The statuses of one request of each kind."""
    asked = {"target": _TARGET, "alias": alias}
    return {
        "ready": user.get("/ready").status,
        "status": user.get(TRIAL).status,
        "start trial": user.post(TRIAL).status,
        "shorten": user.post(LINKS, asked).status,
        "redirect": user.get(f"/{alias}").status,
        "list": user.get(LINKS).status,
        "delete": user.delete(f"{LINKS}/{alias}").status,
    }


def _remove_tables(stage: EmbeddedStage) -> None:
    """Delete both tables, as in the runbook: protection first."""
    client = stage.world.client("dynamodb")
    for key in ("users", "urls"):
        name = table(stage, key)
        client.update_table(TableName=name, DeletionProtectionEnabled=False)
        client.delete_table(TableName=name)


def _left(stage: EmbeddedStage) -> tuple[str, ...]:
    """The tables that still exist."""
    names = stage.world.client("dynamodb").list_tables()["TableNames"]
    return tuple(sorted({table(stage, "users"), table(stage, "urls")} & set(names)))
