"""The scenarios of the smoke rung: functions that act on a deployed backend, each on its stage.

A scenario returns observations; checks judge them.
"""

# Importing a module registers its scenarios.
from verification.engine.smoke.scenarios import (  # noqa: F401
    backup,
    deploys,
    faults,
    files,
    links,
    links_page,
    load,
    lost_answers,
    page,
    persistence,
    rollback,
    trial,
    visitors,
    wiring,
)
from verification.engine.smoke.scenarios.registry import SCENARIOS, Scenario, Stages

__all__ = ["SCENARIOS", "Scenario", "Stages"]
