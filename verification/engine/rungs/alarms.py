"""The job of the alarms' subscribers, on the run's target."""

from __future__ import annotations

from dataclasses import replace

from verification.engine.aws.live.errors import translated
from verification.engine.aws.live.monitoring import read_subscriptions
from verification.engine.aws.live.scope import open_scope
from verification.engine.run.registry import job
from verification.engine.run.run import Run
from verification.engine.rungs.sandbox import applied
from verification.engine.rungs.smoke import location
from verification.engine.smoke.account.credentials import Account
from verification.model.stack import Stack


@job
def subscribed(run: Run, environment: str) -> Stack:
    """The subscriptions of the alarms' topic as they are now, and nothing else of the stack."""
    where = run.get(location, environment)
    client = (
        Account(run.aws.region).client if run.aws else run.get(applied, environment).world.client
    )
    with translated():
        scope = open_scope(client, run.prefix(environment), ("dynamodb", "sns"))
        return replace(where, subscriptions=read_subscriptions(scope))
