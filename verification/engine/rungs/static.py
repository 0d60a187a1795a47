"""The job of the static rung: the source, as it stands."""

from __future__ import annotations

from verification.engine.run.registry import job
from verification.engine.run.run import Run
from verification.engine.source.hcl import read_source
from verification.model.source import Source


@job
def source(run: Run) -> Source:
    """Read the Terraform source."""
    with run.schedule.step("read source"):
        return read_source(run.root)
