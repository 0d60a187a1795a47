"""`policies.xml`: every rule as a test case of JUnit, for a CI page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree import ElementTree as xml

from verification.engine.report.view import Document, standing


def junit(document: Document) -> str:
    """Render a run's policies: one suite, one case for each rule that examined something.

    A case fails with every finding that stands in no register, and is skipped where all is decided,
    waived or unknown; what was let through is in its output.
    """
    by_rule: dict[str, list[Mapping[str, Any]]] = {}
    for result in document["policies"]["results"]:
        by_rule.setdefault(result["rule"], []).append(result)
    cases = [_case(results) for _, results in sorted(by_rule.items())]
    counts = {
        "name": "policies",
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": "0",
        "skipped": str(sum(case.find("skipped") is not None for case in cases)),
    }
    suite = xml.Element("testsuite", counts)
    suite.extend(cases)
    suites = xml.Element("testsuites")
    suites.append(suite)
    xml.indent(suites)
    return xml.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _case(results: list[Mapping[str, Any]]) -> xml.Element:
    first = results[0]
    group = "policies" if first["ours"] else "checkov"
    case = xml.Element("testcase", classname=group, name=f"{first['rule']}: {first['name']}")
    failed, unknown, waived = (
        [result for result in results if result["verdict"] == verdict]
        for verdict in ("fail", "unknown", "waived")
    )
    if failed:
        failure = xml.SubElement(case, "failure", message=f"{len(failed)} fail")
        failure.text = _lines(failed)
    elif unknown:
        xml.SubElement(case, "skipped", message=f"known only after apply: {_lines(unknown)}")
    elif len(waived) == len(results):
        xml.SubElement(case, "skipped", message=" and ".join(sorted(set(map(standing, waived)))))
    if waived:
        xml.SubElement(case, "system-out").text = "\n".join(map(_let_through, waived))
    return case


def _let_through(result: Mapping[str, Any]) -> str:
    if decision := result.get("decision"):
        how = f"decided by {decision['owner']} ({decision['rests_on']})"
        return f"{how}: {result['address']}: {decision['reason']}"
    waiver = result["waiver"]
    how = f"waived until {waiver['expires']} by {waiver['owner']}"
    return f"{how}: {result['address']}: {waiver['reason']}"


def _lines(results: Iterable[Mapping[str, Any]]) -> str:
    return "\n".join(
        f"{result['file']}:{result['line']}: {result['address']}: {result['message']}. "
        f"{result['remedy']}"
        for result in results
    )
