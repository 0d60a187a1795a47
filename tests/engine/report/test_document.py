"""verification.json holds everything that was found, and keeps to its schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.engine.report import kit
from tests.engine.report.kit import BAD, FAILED, GOOD, evidence, report
from tests.kit import REPOSITORY
from verification.engine.report import document as module
from verification.engine.report.document import SCHEMA_VERSION, document
from verification.engine.report.report import Report
from verification.model.criteria import RUNGS, load_criteria
from verification.model.results import ExitCode, Results, Step

pytestmark = pytest.mark.slow

SCHEMA = json.loads((Path(module.__file__).parent / "schema.json").read_text(encoding="utf-8"))
# Ways to spoil a valid document, each of which the schema must notice.
SPOILED: dict[str, Callable[[dict[str, Any]], object]] = {
    "a new field": lambda d: d.update(new=1),
    "a new field of a finding": lambda d: finding(d).update(new=1),
    "a new field of a step": lambda d: d["steps"][0].update(new=1),
    "no commit": lambda d: d.pop("commit"),
    "an account that is none": lambda d: d.update(account="1234"),
    "no remedy": lambda d: finding(d).pop("remedy"),
    "another version": lambda d: d.update(schema_version=SCHEMA_VERSION + 1),
    "a source root without its slash": lambda d: d.update(source_root="infra"),
    "a local time": lambda d: d.update(started="2026-11-22T14:09:09"),
    "an unknown rung": lambda d: d["rungs"].append("production"),
    "an unknown verdict": lambda d: finding(d).update(verdict="maybe"),
    "an exit code as text": lambda d: d.update(exit_code="1"),
    "a pass without evidence": lambda d: cell(d, "sandbox", 0).update(evidence=[]),
    "a pass that examined nothing": lambda d: cell(d, "sandbox", 0)["evidence"][0].update(
        findings=[]
    ),
    "evidence of what did not run": lambda d: cell(d).update(verdict="not run"),
    "silence without a reason": lambda d: cell(d, "policy")["missing"][0].pop("why"),
    "a new field of a silence": lambda d: cell(d, "policy")["missing"][0].update(new=1),
    "an error of no test": lambda d: d["errors"][0].update(tests=0),
    "a new field of an error": lambda d: d["errors"][0].update(new=1),
    "no criteria": lambda d: d.update(criteria=[]),
}


def read(found: Report = FAILED) -> dict[str, Any]:
    """What a reader of the JSON has."""
    content: dict[str, Any] = json.loads(document(found))
    return content


def cell(content: dict[str, Any], rung: str = "plan", criterion: int = 1) -> dict[str, Any]:
    """A criterion's cell on a rung: that of the encryption, whose plan fails."""
    found: dict[str, Any] = content["criteria"][criterion]["rungs"][rung]
    return found


def finding(content: dict[str, Any]) -> dict[str, Any]:
    """What fails."""
    found: dict[str, Any] = cell(content)["evidence"][0]["findings"][1]
    return found


def wrong(content: dict[str, Any]) -> list[str]:
    """What the schema says against a document."""
    checker = Draft202012Validator.FORMAT_CHECKER
    errors = Draft202012Validator(SCHEMA, format_checker=checker).iter_errors(content)
    return [error.message for error in errors]


def objects(schema: Any) -> list[dict[str, Any]]:
    """Every object that a schema describes."""
    parts = schema.values() if isinstance(schema, dict) else schema
    below = [o for part in parts if isinstance(part, dict | list) for o in objects(part)]
    return below + ([schema] if isinstance(schema, dict) and schema.get("type") == "object" else [])


def test_schema_is_a_schema() -> None:
    """The schema is itself valid JSON Schema 2020-12, and of the version that is written."""
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["schema_version"]["const"] == SCHEMA_VERSION


@pytest.mark.parametrize("name", kit.REPORTS)
def test_reports_keep_to_the_schema(name: str) -> None:
    """What the tests write, and so what they check, is what a run may write."""
    assert wrong(read(kit.REPORTS[name])) == []


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_schema_is_strict(spoil: Callable[[dict[str, Any]], object]) -> None:
    """A field too much or too few, or a verdict that nothing supports, is not valid."""
    spoiled = read()
    spoil(spoiled)
    assert wrong(spoiled)


def test_schema_leaves_nothing_open() -> None:
    """Every object of the schema says what may be in it."""
    found = objects(SCHEMA)
    assert len(found) >= 7
    assert all("additionalProperties" in described for described in found)


def test_schema_knows_every_rung_and_outcome() -> None:
    """Whatever rung or exit code there is can be written."""
    outcomes = [replace(FAILED, code=code).outcome for code in ExitCode]
    assert SCHEMA["$defs"]["rung"]["enum"] == list(RUNGS)
    assert sorted(SCHEMA["properties"]["outcome"]["enum"]) == sorted(outcomes)
    assert SCHEMA["properties"]["exit_code"]["maximum"] == max(ExitCode)


@pytest.mark.parametrize("code", list(ExitCode), ids=lambda code: code.name)
def test_run_of_nothing_is_valid(code: ExitCode) -> None:
    """A run that ended before anything ran is written too, with the suite's own criteria."""
    criteria = load_criteria(REPOSITORY / "verification/criteria.toml")
    content = read(Report.of(Results(criteria, RUNGS), code, [], kit.FACTS))
    assert wrong(content) == []
    assert (content["exit_code"], len(content["criteria"])) == (code, len(criteria))


def test_failure_can_be_acted_upon() -> None:
    """What fails is there with address, source, message and remedy."""
    assert finding(read()) == {
        "verdict": "fail",
        "address": BAD.address,
        "source": BAD.source,
        "message": BAD.message,
        "remedy": BAD.remedy,
    }


def test_error_says_why() -> None:
    """A test that could not find anything says why."""
    (found,) = cell(read(), "sandbox")["evidence"]
    assert (found["verdict"], found["error"]) == ("error", kit.ERROR)


def test_error_is_told_once_and_counted() -> None:
    """What kept many tests from judging is there once, with their number, that of most first."""
    errors = (evidence("encryption", "plan", error=error) for error in ("rare", "broke", "broke"))
    content = read(report(*errors))
    assert content["errors"] == [{"message": "broke", "tests": 2}, {"message": "rare", "tests": 1}]
    assert wrong(content) == []


def test_every_required_rung_is_there() -> None:
    """Each rung on which a criterion must be proven has a verdict, or says that it has none."""
    found = [one for n in (1, 2) for one in read()["criteria"][n]["rungs"].items()]
    assert [(rung, cell["verdict"]) for rung, cell in found] == [
        ("plan", "fail"),
        ("policy", "not run"),
        ("sandbox", "error"),
        ("static", "pass"),
        ("plan", "unknown"),
        ("smoke", "not yet verified"),
    ]


def test_silence_is_told() -> None:
    """A check that was to speak and did not is there with the reason."""
    assert cell(read(), "policy")["missing"] == [
        {"check": "encryption.hold", "environment": "", "why": "was not collected"}
    ]


def test_part_of_a_cell_may_have_run() -> None:
    """Evidence beside something that did not run is valid, and the cell is not run."""
    found = Results({"encryption": kit.CRITERIA[1]}, ["plan"])
    found.add(evidence("encryption", "plan", GOOD))
    content = read(Report.of(found, ExitCode.INCONCLUSIVE, [], kit.FACTS))
    part = cell(content, criterion=0)
    assert (part["verdict"], len(part["evidence"]), len(part["missing"])) == ("not run", 1, 1)
    assert wrong(content) == []


def test_run_is_described() -> None:
    """The document says how the run ended, with what arguments, and what took time."""
    steps = (Step("init dev", 7.0, 2.0), Step("apply dev", 19.5, 61.00049, failed=True))
    slow = replace(evidence("encryption", "plan", BAD), seconds=1.23456)
    content = read(report(slow, steps=steps))
    assert (content["exit_code"], content["outcome"]) == (1, "criterion failed")
    assert content["arguments"] == ["verification/", "-q"]
    assert content["steps"] == [
        {"name": "init dev", "offset": 0.0, "seconds": 2.0, "failed": False},
        {"name": "apply dev", "offset": 12.5, "seconds": 61.0, "failed": True},
    ]
    assert cell(content)["evidence"][0]["seconds"] == 1.235
    assert content["notes"] == list(kit.NOTES)
