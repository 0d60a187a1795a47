"""Jobs of the pipeline's access: its root module planned, and applied in an empty embedded AWS."""

from __future__ import annotations

from typing import NamedTuple

from verification.engine.aws.iam.analysis.pipeline_roles import pipeline_roles
from verification.engine.aws.live import read_live_stack
from verification.engine.run.registry import job
from verification.engine.run.run import Run
from verification.engine.rungs.plan import planned, planned_stack
from verification.engine.rungs.sandbox import applied, second_plan
from verification.engine.terraform.diagnostics import Diagnostic
from verification.model.pipeline import Pipeline
from verification.model.stack import Stack

_NONE = Stack(environment="", account="", region="", partition="")


@job
def planned_pipeline(run: Run) -> Pipeline:
    """The planned roles and state bucket; empty if the contract requires none."""
    root = _root(run)
    return _read(run, run.get(planned_stack, root) if root else _NONE)


@job
def live_pipeline(run: Run) -> Pipeline:
    """The live roles and state bucket, after an apply."""
    root = _root(run)
    if not root:
        return _read(run, _NONE)
    there = run.get(applied, root)
    with run.schedule.step(f"read {root}"):
        stack = read_live_stack(there.world.client, root, run.contract.project, "")
    return _read(run, stack)


class PipelineRuns(NamedTuple):
    """Terraform's warnings by step, and what a plan after the apply would change."""

    warnings: dict[str, tuple[Diagnostic, ...]]
    again: tuple[tuple[str, str], ...]


@job
def pipeline_runs(run: Run) -> PipelineRuns:
    """What Terraform said of the root module; empty if the contract requires none."""
    if not (root := _root(run)):
        return PipelineRuns({}, ())
    steps = {
        f"plan {root}": run.get(planned, root),
        f"apply {root}": run.get(applied, root).changes,
        f"second plan {root}": run.get(second_plan, root),
    }
    warnings = {step: changes.warnings for step, changes in steps.items()}
    return PipelineRuns(warnings, steps[f"second plan {root}"].planned)


def _root(run: Run) -> str:
    return run.contract.pipeline.root if run.contract.pipeline else ""


def _read(run: Run, stack: Stack) -> Pipeline:
    return Pipeline(stack, pipeline_roles(stack, run.contract))
