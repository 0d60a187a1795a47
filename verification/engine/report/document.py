"""`verification.json`: a report as JSON, described by `schema.json` beside this file."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from verification.engine.report.report import CriterionReport, Report
from verification.model.policies import Decision, PolicyReport, PolicyResult, Waiver
from verification.model.results import Cell, Evidence
from verification.model.run_facts import RunFacts
from verification.model.verdict import Verdict

SCHEMA_VERSION = 2
"""Raised when a field is removed or changes its meaning, not for a new field."""


def document(report: Report) -> str:
    """Render a whole report."""
    content = {
        "schema_version": SCHEMA_VERSION,
        **_facts(report.facts),
        "exit_code": int(report.code),
        "outcome": report.outcome,
        "rungs": report.asked,
        "notes": report.notes,
        "errors": [
            {"message": message, "tests": tests} for message, tests in report.errors.most_common()
        ],
        "criteria": [_criterion(one, report) for one in report.criteria],
        "policies": _policies(report.policies, report) if report.policies else None,
        "steps": [asdict(step) for step in report.steps],
    }
    return json.dumps(content, indent=1) + "\n"


def _facts(facts: RunFacts) -> dict[str, Any]:
    return {
        "started": facts.started.isoformat(timespec="seconds"),
        "duration_seconds": round(facts.duration_seconds, 3),
        "arguments": facts.arguments,
        **asdict(facts.where),
        "machine": asdict(facts.machine),
        **_fields(facts, "source_root", "commit", "dirty", "tools"),
    }


def _criterion(one: CriterionReport, report: Report) -> dict[str, Any]:
    rungs = {rung: _cell(cell, report) for rung, cell in one.cells.items()}
    return _fields(one.criterion, "id", "title", "area", "plan") | {"rungs": rungs}


def _cell(cell: Cell, report: Report) -> dict[str, Any]:
    return {
        "verdict": cell.status,
        "examined": cell.examined,
        "seconds": round(sum(evidence.seconds for evidence in cell.evidence), 3),
        "evidence": [_evidence(evidence, report) for evidence in cell.evidence],
        "missing": [asdict(silence) for silence in cell.missing],
        "left_out": [asdict(silence) for silence in cell.left_out],
    }


def _evidence(evidence: Evidence, report: Report) -> dict[str, Any]:
    findings = [
        _fields(finding, "verdict", "address", "source", "message", "remedy")
        for finding in evidence.findings
    ]
    return (
        _fields(evidence, "check", "environment", "verdict")
        | {"seconds": round(evidence.seconds, 3), "error": evidence.error, "findings": findings}
        | _decided(evidence, report)
    )


def _policies(policies: PolicyReport, report: Report) -> dict[str, Any]:
    return {
        "rules": policies.rules,
        "resources": len(policies.addresses),
        "decisions": [_registered(entry, policies) for entry in policies.decisions],
        "waivers": [_registered(entry, policies) for entry in policies.waivers],
        "results": [_result(result, report) for result in policies.results],
    }


def _result(result: PolicyResult, report: Report) -> dict[str, Any]:
    entry = result.entry
    kind = "waiver" if isinstance(entry, Waiver) else "decision"
    return (
        {"rule": result.policy.id}
        | _fields(result.policy, "name", "severity", "ours", "criterion")
        | _fields(result, "verdict", "address", "environments", "file", "line", "message", "remedy")
        | ({kind: _answer(entry)} if entry else {})
        | _decided(result, report)
    )


def _decided(unknown: Evidence | PolicyResult, report: Report) -> dict[str, bool]:
    """Whether a later rung decided what is unknown; no field for other verdicts."""
    is_unknown = unknown.verdict is Verdict.UNKNOWN
    return {"decided": unknown in report.decided} if is_unknown else {}


def _registered(entry: Waiver | Decision, policies: PolicyReport) -> dict[str, Any]:
    used = {"used": entry in policies.used}
    return _fields(entry, "rule", "address", "environments") | used | _answer(entry)


def _answer(entry: Waiver | Decision) -> dict[str, str]:
    """Why a finding is let through, by whom, and until when or on which ground."""
    names = ["expires"] if isinstance(entry, Waiver) else ["rests_on", "review_due"]
    told = _fields(entry, "reason", "owner", "reviewed", *names)
    return {name: str(value) for name, value in told.items()}


def _fields(of: object, *names: str) -> dict[str, Any]:
    return {name: getattr(of, name) for name in names}
