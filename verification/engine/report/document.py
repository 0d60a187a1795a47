"""The results as JSON: `verification.json`, described by `schema.json` beside this file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from verification.engine.report.results import Cell, Evidence, ExitCode, Results
from verification.engine.schedule import Step
from verification.model.criteria import RUNGS
from verification.model.findings import Finding

SCHEMA_VERSION = 1
"""Raised when a field changes its meaning or goes away; new fields do not raise it."""


def document(
    results: Results,
    code: ExitCode,
    steps: Sequence[Step],
    facts: Mapping[str, Any],
    notes: Sequence[str],
) -> dict[str, Any]:
    """Everything that a run found.

    Args:
        results: the evidence.
        code: how the run ends.
        steps: what took time.
        facts: what the run was: start, duration, commit, tool versions, target.
        notes: sentences for the reader.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        **facts,
        "exit_code": int(code),
        "outcome": code.name.lower().replace("_", " "),
        "rungs": list(results.asked),
        "notes": list(notes),
        "criteria": [
            {
                "id": criterion.id,
                "title": criterion.title,
                "area": criterion.area,
                "plan": criterion.plan,
                "rungs": {
                    rung: _cell(results.cell(criterion, rung))
                    for rung in RUNGS
                    if rung in criterion.rungs
                },
            }
            for criterion in results.criteria.values()
        ],
        "steps": [
            {"name": step.name, "seconds": round(step.elapsed, 3), "failed": step.failed}
            for step in steps
        ],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "verdict": cell.status,
        "examined": cell.examined,
        "seconds": round(sum(evidence.seconds for evidence in cell.evidence), 3),
        "evidence": [_evidence(evidence) for evidence in cell.evidence],
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "check": evidence.check,
        "environment": evidence.environment,
        "verdict": evidence.verdict.value,
        "seconds": round(evidence.seconds, 3),
        "error": evidence.error,
        "findings": [_finding(finding) for finding in evidence.findings],
    }


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "verdict": finding.verdict.value,
        "address": finding.address,
        "source": finding.source,
        "message": finding.message,
        "remedy": finding.remedy,
    }
