"""`results.sarif`: what the policies found, as SARIF 2.1.0, for code scanning and editors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from verification.engine.report.view import Document, open_results

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
# What code scanning sorts by, on CVSS's scale of 0 to 10.
_SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
_KINDS = {"fail": "fail", "unknown": "open"}


def sarif(document: Document) -> str:
    """Render a run's policies: every rule, and as results what is open.

    What is decided or waived is none: GitHub ignores suppressions, and opens an alert for each
    result (docs.github.com, "SARIF support for code scanning"). Each has a place, without which
    GitHub refuses the whole file. It keeps its fingerprint when lines move: that is of rule and
    address.
    """
    results = document["policies"]["results"]
    rules = list({result["rule"]: _rule(result) for result in results}.values())
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "checkov",
                        "version": document["tools"]["checkov"],
                        "informationUri": "https://www.checkov.io",
                        "rules": rules,
                    }
                },
                "automationDetails": {"id": "policy/"},
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The repository."}}},
                "results": [
                    _result(result, numbers[result["rule"]], document["source_root"])
                    for result in open_results(document)
                ],
            }
        ],
    }
    return json.dumps(log, indent=1) + "\n"


def _rule(result: Mapping[str, Any]) -> dict[str, Any]:
    score = _SCORES.get(result["severity"])
    return {
        "id": result["rule"],
        "shortDescription": {"text": result["name"]},
        "help": {"text": result["remedy"]},
        "defaultConfiguration": {"level": _level(result)},
        "properties": {
            "tags": ["security", result["criterion"]],
            "severity": result["severity"],
            **({"security-severity": score} if score else {}),
        },
    }


def _result(result: Mapping[str, Any], number: int, folder: str) -> dict[str, Any]:
    kind = _KINDS[result["verdict"]]
    subject = f"{result['rule']}\0{result['address']}"
    return {
        "ruleId": result["rule"],
        "ruleIndex": number,
        "kind": kind,
        "level": _level(result) if kind == "fail" else "none",
        "message": {"text": f"{result['address']}: {result['message']}. {result['remedy']}"},
        "locations": [_location(result, folder)],
        "partialFingerprints": {"ruleAndAddress/v1": sha256(subject.encode()).hexdigest()},
        "properties": {"environments": result["environments"]},
    }


def _level(result: Mapping[str, Any]) -> str:
    return _LEVELS.get(result["severity"], "warning")


def _location(result: Mapping[str, Any], folder: str) -> dict[str, Any]:
    return {
        "logicalLocations": [{"fullyQualifiedName": result["address"], "kind": "resource"}],
        "physicalLocation": {
            "artifactLocation": {"uri": quote(folder + result["file"]), "uriBaseId": "SRCROOT"},
            "region": {"startLine": result["line"]},
        },
    }
