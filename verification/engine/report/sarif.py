"""`results.sarif`: the results of the policies as SARIF 2.1.0, for code scanning and editors."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from verification.engine.report.report import Report
from verification.model.policies import Policy, PolicyResult
from verification.model.verdict import Verdict

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
# Code scanning sorts by these, on CVSS's scale of 0 to 10.
_SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}


def sarif(report: Report) -> str:
    """Render the policy results: every rule, and every open result.

    Decided and waived results are left out: GitHub ignores suppressions and opens an alert for each
    result. Each result has a location, because GitHub rejects files without. Its fingerprint is
    made of rule and address, so that it survives moved lines. (GitHub Docs, "SARIF support for code
    scanning", https://docs.github.com/code-security/secure-coding/sarif-support-for-code-scanning)
    """
    results = report.policies.results if report.policies else ()
    rules = list({result.policy.id: _rule(result) for result in results}.values())
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "checkov",
                        "version": report.facts.tools["checkov"],
                        "informationUri": "https://www.checkov.io",
                        "rules": rules,
                    }
                },
                "automationDetails": {"id": "policy/"},
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The repository."}}},
                "results": [
                    _result(result, numbers[result.policy.id], report.facts.source_root)
                    for result in report.open_results
                ],
            }
        ],
    }
    return json.dumps(log, indent=1) + "\n"


def _rule(result: PolicyResult) -> dict[str, Any]:
    policy = result.policy
    score = _SCORES.get(policy.severity)
    return {
        "id": policy.id,
        "shortDescription": {"text": policy.name},
        "help": {"text": result.remedy},
        "defaultConfiguration": {"level": _level(policy)},
        "properties": {
            "tags": ["security", policy.criterion],
            "severity": policy.severity,
            **({"security-severity": score} if score else {}),
        },
    }


def _result(result: PolicyResult, number: int, folder: str) -> dict[str, Any]:
    failed = result.verdict is Verdict.FAIL
    subject = f"{result.policy.id}\0{result.address}"
    return {
        "ruleId": result.policy.id,
        "ruleIndex": number,
        "kind": "fail" if failed else "open",
        "level": _level(result.policy) if failed else "none",
        "message": {"text": f"{result.address}: {result.message}. {result.remedy}"},
        "locations": [_location(result, folder)],
        "partialFingerprints": {"ruleAndAddress/v1": sha256(subject.encode()).hexdigest()},
        "properties": {"environments": result.environments},
    }


def _level(policy: Policy) -> str:
    return _LEVELS.get(policy.severity, "warning")


def _location(result: PolicyResult, folder: str) -> dict[str, Any]:
    return {
        "logicalLocations": [{"fullyQualifiedName": result.address, "kind": "resource"}],
        "physicalLocation": {
            "artifactLocation": {"uri": quote(folder + result.file), "uriBaseId": "SRCROOT"},
            "region": {"startLine": result.line},
        },
    }
