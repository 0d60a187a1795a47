"""What a run can do: each job is done once, in the background, and its result kept.

`run.get(job)` starts a job unless it was started, and waits for it.
"""

# Importing a module registers its jobs; a smoke scenario is one, too.
from verification.engine.run.registry import JOBS
from verification.engine.rungs import (  # noqa: F401
    change,
    plan,
    policy,
    privileges,
    rehearse,
    sandbox,
    smoke,
)
from verification.engine.smoke import scenarios  # noqa: F401

__all__ = ["JOBS"]
