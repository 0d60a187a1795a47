"""Jobs of the static rung: the source and the wiring."""

from __future__ import annotations

from verification.engine.run.registry import job
from verification.engine.run.run import Run
from verification.engine.source.hcl import read_source
from verification.engine.source.wiring import read_wiring
from verification.model.source import Source
from verification.model.wiring import Wiring


@job
def source(run: Run) -> Source:
    """Read the Terraform source."""
    with run.schedule.step("read source"):
        return read_source(run.root)


@job
def wired(run: Run) -> Wiring:
    """Read the settings that Terraform, the backend and the deploy workflow share."""
    terraform = run.get(source)
    with run.schedule.step("read wiring"):
        return read_wiring(terraform, run.contract)
