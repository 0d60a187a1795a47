"""`policies.xml`: every rule as a test case of JUnit, for a CI page."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as xml

from verification.engine.report.report import Report
from verification.model.policies import Decision, PolicyResult
from verification.model.verdict import Verdict


def junit(report: Report) -> str:
    """Render the policy results: one suite, one case for each rule that examined something.

    A case fails if a result fails. It is skipped if results are unknown, or all are decided or
    waived; these are in its output.
    """
    by_rule: dict[str, list[PolicyResult]] = {}
    for result in report.policies.results if report.policies else ():
        by_rule.setdefault(result.policy.id, []).append(result)
    cases = [_case(results) for _, results in sorted(by_rule.items())]
    counts = {
        "name": "policies",
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": "0",
        "skipped": str(sum(case.find("skipped") is not None for case in cases)),
    }
    suites = xml.Element("testsuites")
    xml.SubElement(suites, "testsuite", counts).extend(cases)
    xml.indent(suites)
    return xml.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _case(results: list[PolicyResult]) -> xml.Element:
    policy = results[0].policy
    group = "policies" if policy.ours else "checkov"
    case = xml.Element("testcase", classname=group, name=f"{policy.id}: {policy.name}")
    failed, unknown, waived = (
        [result for result in results if result.verdict is verdict]
        for verdict in (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WAIVED)
    )
    if failed:
        failure = xml.SubElement(case, "failure", message=f"{len(failed)} failed")
        failure.text = _lines(failed)
    elif unknown:
        xml.SubElement(case, "skipped", message=f"known only after apply: {_lines(unknown)}")
    elif len(waived) == len(results):
        standings = sorted({result.standing for result in waived})
        xml.SubElement(case, "skipped", message=" and ".join(standings))
    if waived:
        xml.SubElement(case, "system-out").text = "\n".join(map(_let_through, waived))
    return case


def _let_through(result: PolicyResult) -> str:
    entry = result.entry
    if entry is None:
        return result.address
    if isinstance(entry, Decision):
        how = f"decided by {entry.owner} ({entry.rests_on})"
    else:
        how = f"waived until {entry.expires} by {entry.owner}"
    return f"{how}: {result.address}: {entry.reason}"


def _lines(results: Iterable[PolicyResult]) -> str:
    return "\n".join(
        f"{result.file}:{result.line}: {result.address}: {result.message}. {result.remedy}"
        for result in results
    )
