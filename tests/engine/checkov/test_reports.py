"""What the policies found, in the formats that other programs read.

`sarif-2.1.0-rtm.5.json` is SARIF's own schema, as @microsoft/jest-sarif 1.0.0-beta.0 (npm) has it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft4Validator, Draft202012Validator, ValidationError
from rich.table import Table

from tests.engine.checkov.kit import BUCKET, OURS, SECURITY, decision, waiver
from tests.engine.report.kit import FACTS
from verification.engine.report import document as module
from verification.engine.report.document import document
from verification.engine.report.junit import junit
from verification.engine.report.report import Report
from verification.engine.report.sarif import sarif
from verification.engine.report.terminal import policy_lines
from verification.engine.report.writer import write_reports
from verification.model.criteria import Criterion
from verification.model.findings import Finding
from verification.model.policies import Decision, PolicyReport, PolicyResult, Waiver
from verification.model.results import Evidence, ExitCode, Results
from verification.model.verdict import Verdict

SARIF = json.loads(Path(__file__).with_name("sarif-2.1.0-rtm.5.json").read_text("utf-8"))
WHOLE = json.loads((Path(module.__file__).parent / "schema.json").read_text("utf-8"))
SCHEMA = {"$ref": "#/$defs/policies", "$defs": WHOLE["$defs"]}
CRITERION = Criterion("security-rules", "No rule is broken", "security", "Outcomes", ("policy",))
PLACE: dict[str, Any] = {
    "file": "terraform/modules/store/main.tf",
    "line": 7,
    "environments": ("dev", "prod"),
}
PASSED = PolicyResult(SECURITY, "aws_s3_bucket.other", Verdict.PASS, "CKV_AWS_1: closed", **PLACE)
FAILED = replace(PASSED, policy=OURS, verdict=Verdict.FAIL, address=BUCKET, failing=("dev",))
UNKNOWN = replace(PASSED, verdict=Verdict.UNKNOWN, address="aws_s3_bucket.later")
WAIVER, DECISION = waiver(), decision(address=f"{BUCKET}_2")
WAIVED = replace(PASSED, verdict=Verdict.WAIVED, address=BUCKET, entry=WAIVER)
DECIDED = replace(WAIVED, address=f"{BUCKET}_2", entry=DECISION)


def policies(*results: PolicyResult) -> PolicyReport:
    """What came of all policies, with a waiver and a decision."""
    used = frozenset(result.entry for result in results if result.entry)
    return PolicyReport((SECURITY, OURS), results, (WAIVER,), (DECISION,), used, ())


def report(
    *results: PolicyResult, evidence: tuple[Evidence, ...] = (), source_root: str = ""
) -> Report:
    """The report of a run with these results, and with evidence of other rungs."""
    criteria = (CRITERION, Criterion(OURS.criterion, "Tables", "x", "Outcomes", ("sandbox",)))
    found = Results({one.id: one for one in criteria}, ["policy", "sandbox"])
    found.evidence += evidence
    facts = replace(FACTS, source_root=source_root)
    return Report.of(found, ExitCode.PROVEN, [], facts, policies=policies(*results))


def log(*results: PolicyResult) -> dict[str, Any]:
    """The only run of the SARIF log."""
    run: dict[str, Any] = json.loads(sarif(report(*results)))["runs"][0]
    return run


def case(*results: PolicyResult) -> ElementTree.Element:
    """The first test case of the JUnit file."""
    return part(ElementTree.fromstring(junit(report(*results))), "testsuite/testcase")


def part(whole: ElementTree.Element, path: str) -> ElementTree.Element:
    """The first part of an XML element at a path, which must be there."""
    found = whole.find(path)
    assert found is not None
    return found


def told(whole: ElementTree.Element, path: str) -> str:
    """The message of a part, or its text where it has none."""
    found = part(whole, path)
    return found.get("message") or found.text or ""


def test_document_keeps_to_its_schema() -> None:
    """Every verdict; what is waived says by which entry, and the register has all of them."""
    content = json.loads(document(report(PASSED, FAILED, UNKNOWN, WAIVED, DECIDED)))["policies"]
    Draft202012Validator(SCHEMA).validate(content)
    assert (content["rules"], content["resources"]) == (2, 4)
    assert [one["used"] for one in (*content["waivers"], *content["decisions"])] == [True, True]
    waived, decided = content["results"][-2:]
    assert waived["waiver"]["expires"] == "2027-02-20"
    assert "decision" not in waived
    assert decided["decision"] == {
        "reason": "It is meant to be open.",
        "owner": "platform",
        "reviewed": "2026-11-22",
        "rests_on": "contract: environments.dev.https = false",
        "review_due": "2027-11-22",
    }


@pytest.mark.parametrize("entry", [waiver(), decision()])
def test_unused_entries_are_told(entry: Waiver | Decision) -> None:
    """A document has every entry of the register."""
    kind = "waivers" if entry == waiver() else "decisions"
    [one] = json.loads(document(report(PASSED)))["policies"][kind]
    assert not one["used"]


@pytest.mark.parametrize(
    "result",
    [
        {"verdict": "fail", "waiver": {}},
        {"verdict": "fail", "decision": {}},
        {"verdict": "waived"},
        {"file": ""},
        {"line": 0},
    ],
)
def test_schema_wants_an_entry_with_what_is_waived_and_only_there(result: dict[str, Any]) -> None:
    """A waived result says who answers for it, and every result where it is."""
    content = json.loads(document(report(PASSED)))["policies"]
    content["results"][0].update(result)
    with pytest.raises(ValidationError):
        Draft202012Validator(SCHEMA).validate(content)


def test_sarif_keeps_to_its_schema() -> None:
    """Every verdict."""
    content = json.loads(sarif(report(PASSED, FAILED, UNKNOWN, WAIVED, DECIDED)))
    Draft4Validator(SARIF).validate(content)


def test_sarif_schema_refuses_what_is_wrong() -> None:
    """The schema is one that notices."""
    content = json.loads(sarif(report(FAILED)))
    content["runs"][0]["results"][0]["level"] = "bad"
    with pytest.raises(ValidationError):
        Draft4Validator(SARIF).validate(content)


def test_sarif_lists_every_rule_and_no_pass() -> None:
    """Rules that found nothing are there too."""
    run = log(PASSED, FAILED)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [SECURITY.id, OURS.id]
    assert rules[1]["help"]["text"] == "Own it."
    assert rules[1]["properties"]["security-severity"] == "8.0"
    assert [(r["ruleId"], r["ruleIndex"]) for r in run["results"]] == [(OURS.id, 1)]
    assert (run["results"][0]["kind"], run["results"][0]["level"]) == ("fail", "error")


def test_sarif_has_no_result_for_what_is_let_through() -> None:
    """GitHub would open an alert for it, whatever its suppressions say."""
    assert log(PASSED, WAIVED, DECIDED)["results"] == []
    assert [r["ruleId"] for r in log(WAIVED, FAILED, DECIDED)["results"]] == [OURS.id]


def test_sarif_has_no_result_for_what_a_later_rung_decided() -> None:
    """What source and plan cannot tell is open until an apply tells."""
    later = replace(UNKNOWN, policy=OURS)
    shown = Finding(Verdict.PASS, BUCKET, "is encrypted")
    decided = Evidence(OURS.criterion, "sandbox", "dev", "x", Verdict.PASS, (shown,))
    failed = replace(decided, verdict=Verdict.FAIL)
    for evidence, results in (((), 1), ((failed,), 1), ((decided,), 0)):
        content = json.loads(sarif(report(later, evidence=evidence)))
        assert len(content["runs"][0]["results"]) == results


def test_sarif_leaves_what_is_unknown_open() -> None:
    """Neither a failure nor a pass."""
    found = log(UNKNOWN)["results"][0]
    assert (found["kind"], found["level"]) == ("open", "none")


@pytest.mark.parametrize(
    ("folder", "uri"),
    [
        ("", "terraform/modules/store/main.tf"),
        ("infra/live stacks/", "infra/live%20stacks/terraform/modules/store/main.tf"),
    ],
)
def test_sarif_names_files_relative_to_the_repository(folder: str, uri: str) -> None:
    """Code scanning joins them with the checkout, wherever in it Terraform's folder is."""
    content = sarif(report(FAILED, UNKNOWN, source_root=folder))
    found = json.loads(content)["runs"][0]["results"]
    assert [result["locations"][0]["physicalLocation"] for result in found] == [
        {"artifactLocation": {"uri": uri, "uriBaseId": "SRCROOT"}, "region": {"startLine": 7}}
    ] * 2


def test_sarif_fingerprint_is_of_rule_and_address() -> None:
    """It stays when lines move, and differs between findings."""

    def fingerprint(result: PolicyResult) -> dict[str, str]:
        prints: dict[str, str] = log(result)["results"][0]["partialFingerprints"]
        return prints

    moved = replace(FAILED, line=99, message="in other words")
    assert fingerprint(FAILED) == fingerprint(moved)
    assert fingerprint(FAILED) != fingerprint(replace(FAILED, address="aws_s3_bucket.other"))
    assert fingerprint(FAILED) != fingerprint(replace(FAILED, policy=SECURITY))


def test_junit_has_a_case_for_each_rule() -> None:
    """A rule that passes is one, too."""
    suite = part(ElementTree.fromstring(junit(report(PASSED, FAILED, WAIVED))), "testsuite")
    assert suite.attrib == {
        "name": "policies", "tests": "2", "failures": "1", "errors": "0", "skipped": "0"
    }  # fmt: skip
    assert [found.get("name") for found in suite] == [
        "CKV_AWS_1: Buckets are closed",
        "CKV_OWN_1: Buckets are ours",
    ]


def test_junit_fails_a_rule_with_its_findings() -> None:
    """Place, address and remedy."""
    failure = part(case(FAILED, replace(FAILED, verdict=Verdict.PASS)), "failure")
    text = failure.text or ""
    assert failure.get("message") == "1 failed"
    assert "store/main.tf:7: module.store.aws_s3_bucket.files: CKV_AWS_1" in text
    assert text.endswith("Own it.")


def test_junit_skips_a_rule_that_is_let_through_or_unknown() -> None:
    """Both say why; a rule that holds elsewhere is not skipped by a waiver."""
    assert told(case(WAIVED), "skipped") == "waived"
    assert told(case(DECIDED), "skipped") == "decided"
    assert told(case(WAIVED, DECIDED), "skipped") == "decided and waived"
    assert "aws_s3_bucket.later" in told(case(UNKNOWN), "skipped")
    some = case(WAIVED, PASSED)
    assert some.find("skipped") is None
    assert "until 2027-02-20 by platform" in told(some, "system-out")
    by = "decided by platform (contract: environments.dev.https = false): "
    assert by in told(case(DECIDED), "system-out")


def test_terminal_tells_counts_and_what_is_open() -> None:
    """A table only where something is open."""
    assert list(policy_lines(report(PASSED, WAIVED))) == [
        "Policies: 1 rules examined 2 resources; in use: 0 of 1 decisions, 1 of 1 waivers."
    ]
    _, table = policy_lines(report(PASSED, FAILED, UNKNOWN))
    assert isinstance(table, Table)
    assert list(table.columns[0].cells) == [OURS.id, SECURITY.id]
    # Checkov's own rules say in their name alone what they want.
    assert f"{OURS.name}.\nOwn it." in table.columns[3].cells
    assert any(str(text).startswith(f"{SECURITY.name}.\n") for text in table.columns[3].cells)


def test_reports_of_an_earlier_run_do_not_stay(tmp_path: Path) -> None:
    """A run without policies leaves no results of policies."""
    assert write_reports(tmp_path, report(FAILED)) == []
    assert {"results.sarif", "policies.xml"} <= {path.name for path in tmp_path.iterdir()}
    write_reports(tmp_path, replace(report(), policies=None))
    assert not {"results.sarif", "policies.xml"} & {path.name for path in tmp_path.iterdir()}


def test_remedy_where_a_rule_names_none() -> None:
    """A rule of checkov has no guideline here."""
    remedy = replace(FAILED, policy=SECURITY).finding.remedy
    assert remedy.endswith("add an entry to policies/decisions.yaml or policies/waivers.yaml.")
    assert PASSED.finding.remedy == ""


def test_waiver_names_its_subject() -> None:
    """Rule and address."""
    assert waiver(expires=date(2026, 12, 1)).subject == f"CKV_AWS_1 at {BUCKET}"
