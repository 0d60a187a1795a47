"""What the smoke rung does to a deployed backend: one function a scenario, each on its own stage.

A scenario is a job of the run: it is done once, in the background, in a world of its own, and gives
what it saw. Judging that is a check's business.
"""

# Importing a module registers its scenarios.
from verification.engine.smoke.scenarios import (  # noqa: F401
    backup,
    deploys,
    links,
    load,
    lost_answers,
    page,
    persistence,
    rollback,
    throttling,
    trial,
    wiring,
)
