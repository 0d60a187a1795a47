"""The results as JSON: `verification.json`, described by `schema.json` beside this file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from verification.model.criteria import RUNGS
from verification.model.findings import Finding
from verification.model.policies import Decision, Entry, PolicyReport, PolicyResult, Waiver
from verification.model.results import Cell, Evidence, ExitCode, Results, Step
from verification.model.verdict import Verdict

SCHEMA_VERSION = 2
"""Raised when a field changes its meaning or goes away; new fields do not raise it."""


def document(
    results: Results,
    code: ExitCode,
    steps: Sequence[Step],
    facts: Mapping[str, Any],
    notes: Sequence[str],
    policies: PolicyReport | None = None,
) -> dict[str, Any]:
    """Everything that a run found.

    Args:
        results: the evidence.
        code: how the run ends.
        steps: what took time.
        facts: what the run was: start, duration, commit, tool versions, target.
        notes: sentences for the reader.
        policies: what the policies said; None if they were not run.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        **facts,
        "exit_code": int(code),
        "outcome": code.name.lower().replace("_", " "),
        "rungs": list(results.asked),
        "notes": list(notes),
        "errors": _errors(results.evidence),
        "criteria": [
            {
                "id": criterion.id,
                "title": criterion.title,
                "area": criterion.area,
                "plan": criterion.plan,
                "rungs": {
                    rung: _cell(results.cell(criterion, rung), results)
                    for rung in RUNGS
                    if rung in criterion.rungs
                },
            }
            for criterion in results.criteria.values()
        ],
        "policies": _policies(policies, results) if policies else None,
        "steps": _steps(steps),
    }


def _errors(evidence: Iterable[Evidence]) -> list[dict[str, Any]]:
    """Each error once, with the number of tests that could not judge for it."""
    counted = Counter(one.error for one in evidence if one.error)
    return [{"message": message, "tests": tests} for message, tests in counted.most_common()]


def _steps(steps: Sequence[Step]) -> list[dict[str, Any]]:
    first = min((step.started for step in steps), default=0.0)
    return [
        {
            "name": step.name,
            "offset": round(step.started - first, 3),
            "seconds": round(step.elapsed, 3),
            "failed": step.failed,
        }
        for step in steps
    ]


def _cell(cell: Cell, results: Results) -> dict[str, Any]:
    return {
        "verdict": cell.status,
        "examined": cell.examined,
        "seconds": round(sum(evidence.seconds for evidence in cell.evidence), 3),
        "evidence": [_evidence(evidence, results) for evidence in cell.evidence],
        "missing": [asdict(silence) for silence in cell.missing],
        "left_out": [asdict(silence) for silence in cell.left_out],
    }


def _policies(report: PolicyReport, results: Results) -> dict[str, Any]:
    return {
        "rules": len({result.policy.id for result in report.results}),
        "resources": len(report.addresses),
        "decisions": [_registered(decision, report) for decision in report.decisions],
        "waivers": [_registered(waiver, report) for waiver in report.waivers],
        "results": [_policy_result(result, results) for result in report.results],
    }


def _policy_result(result: PolicyResult, results: Results) -> dict[str, Any]:
    policy = result.policy
    return (
        {
            "rule": policy.id,
            "name": policy.name,
            "severity": policy.severity,
            "ours": policy.ours,
            "criterion": policy.criterion,
            "verdict": result.verdict.value,
            "address": result.address,
            "environments": list(result.environments),
            "file": result.file,
            "line": result.line,
            "message": result.message,
            "remedy": result.remedy,
        }
        | _let_through(result.entry)
        | _decided(result, results)
    )


def _decided(result: PolicyResult, results: Results) -> dict[str, bool]:
    if result.verdict is not Verdict.UNKNOWN:
        return {}
    return {"decided": results.is_proven_later(result.policy.criterion, result.environments)}


def _registered(entry: Waiver | Decision, report: PolicyReport) -> dict[str, Any]:
    return {
        "rule": entry.rule,
        "address": entry.address,
        "environments": list(entry.environments),
        "used": entry in report.used,
        **_answer(entry),
    }


def _let_through(entry: Waiver | Decision | None) -> dict[str, Any]:
    if entry is None:
        return {}
    return {"waiver" if isinstance(entry, Waiver) else "decision": _answer(entry)}


def _answer(entry: Waiver | Decision) -> dict[str, str]:
    """Why a finding stays, and who answers for it how long, or on which ground."""
    if isinstance(entry, Waiver):
        return _said(entry) | {"expires": entry.expires.isoformat()}
    due = entry.review_due.isoformat()
    return _said(entry) | {"rests_on": str(entry.rests_on), "review_due": due}


def _said(entry: Entry) -> dict[str, str]:
    texts = {"reason": entry.reason, "owner": entry.owner}
    return texts | {"reviewed": entry.reviewed.isoformat()}


def _evidence(evidence: Evidence, results: Results) -> dict[str, Any]:
    unknown = evidence.verdict is Verdict.UNKNOWN
    return {
        "check": evidence.check,
        "environment": evidence.environment,
        "verdict": evidence.verdict.value,
        "seconds": round(evidence.seconds, 3),
        "error": evidence.error,
        "findings": [_finding(finding) for finding in evidence.findings],
    } | ({"decided": results.is_decided(evidence)} if unknown else {})


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "verdict": finding.verdict.value,
        "address": finding.address,
        "source": finding.source,
        "message": finding.message,
        "remedy": finding.remedy,
    }
