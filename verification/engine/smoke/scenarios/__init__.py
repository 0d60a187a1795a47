"""What the smoke rung does to a deployed backend: one function a scenario, each on its own stage.

A scenario gives what it saw, in a world of its own. Judging that is a check's business.
"""

# Importing a module registers its scenarios.
from verification.engine.smoke.scenarios import (  # noqa: F401
    backup,
    deploys,
    links,
    links_page,
    load,
    lost_answers,
    outages,
    page,
    persistence,
    rollback,
    throttling,
    trial,
    wiring,
)
from verification.engine.smoke.scenarios.registry import SCENARIOS, Scenario, Stages

__all__ = ["SCENARIOS", "Scenario", "Stages"]
