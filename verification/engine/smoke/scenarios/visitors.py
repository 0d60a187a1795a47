"""What anybody may ask, which changes nothing."""

from __future__ import annotations

from verification.engine.smoke.scenarios.helpers import refused
from verification.engine.smoke.scenarios.registry import Stages, scenario
from verification.model.smoke.observations import VisitorsSeen
from verification.model.smoke.visits import EXPECTED


@scenario
def visitors(stages: Stages, environment: str) -> VisitorsSeen:
    """Page, health checks, an unknown link, and the API without a token."""
    with stages.stage(environment, "visitors") as stage:
        visitor = stage.deployment.visitor()
        answers = {path: visitor.get(path).status for path in EXPECTED}
        return VisitorsSeen(answers, refused(stage))
