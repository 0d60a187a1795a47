"""What a run can do: each job is done once, in the background, and its result kept.

`run.get(job)` starts a job unless it was started, and waits for it.
"""

# Importing a module registers its jobs; a smoke scenario is one, too.
from verification.engine import scenarios  # noqa: F401
from verification.engine.jobs import (  # noqa: F401
    base,
    planning,
    policy,
    privileges,
    rehearsal,
    sandbox,
    smoke,
)
from verification.engine.jobs.registry import JOBS

__all__ = ["JOBS"]
