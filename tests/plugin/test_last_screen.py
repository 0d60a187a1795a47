"""How a run ends in a terminal: in ten lines where all is well, else with what is wrong."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from xml.etree import ElementTree as xml

import pytest

from tests.kit import Outcome, copy_terraform, edit, verify

pytestmark = pytest.mark.slow

STATIC = "verification/static"
SCREEN = 25
FOUND = (
    "module-pattern (static)",
    "terraform/modules/dynamodb/versions.tf:4",
    "provider aws has version >= 5.0",
    'Pin it, such as "~> 5.100".',
    "report.html",
    "Failed: module-pattern. (exit code 1)",
)


def ending(output: str) -> list[str]:
    """The lines after the tests' progress."""
    return output.splitlines()[output[: output.rindex("[100%]")].count("\n") + 1 :]


@pytest.fixture(name="root", scope="module")
def _root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Terraform in which a provider's version is pinned too loosely."""
    root = copy_terraform(tmp_path_factory.mktemp("broken"))
    edit(root / "modules/dynamodb/versions.tf", "~> 5.100", ">= 5.0")
    return root


def test_green_run_ends_in_ten_lines(tmp_path: Path) -> None:
    """Counts, notes, the report, seconds and the verdict; the matrix is in the reports."""
    outcome = verify(tmp_path, STATIC)
    lines = [line for line in ending(outcome.output) if line]
    assert len(ending(outcome.output)) <= 10, outcome.output
    assert re.match(r"(\d+) of \1 criteria proven on static; \d+ things examined\.", lines[1])
    assert lines[-3] == f"Report: {tmp_path / 'report.html'}"
    assert re.search(r"\d+ passed in [\d.]+s", lines[-2])
    assert lines[-1] == "All criteria of the selected rungs are proven. (exit code 0)"
    assert "module-pattern" not in outcome.output
    assert "module-pattern" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_verbose_run_shows_the_matrix(tmp_path: Path) -> None:
    """With `-v` every criterion is there."""
    outcome = verify(tmp_path, STATIC, "-v")
    assert outcome.code == 0
    assert re.search(r"module-pattern +│ ✓ \d+", outcome.output)


@pytest.mark.parametrize("options", ["-q", "-v", "--tb=no", "-ra"])
def test_red_run_ends_with_what_is_wrong(options: str, root: Path, tmp_path: Path) -> None:
    """Whatever pytest was told to print, the last screen has what is wrong and where it is."""
    outcome = verify(tmp_path, STATIC, "--terraform-root", root, *options.split())
    assert outcome.code == 1
    last = outcome.output.splitlines()[-SCREEN:]
    text = " ".join(" ".join(last).split())
    assert [part for part in FOUND if part not in text] == []
    assert "✗ fail: module-pattern (static): terraform/modules/dynamodb/versions.tf:4" in text
    assert last[-3] == f"Report: {tmp_path / 'report.html'}"


def test_red_run_says_it_once(root: Path, tmp_path: Path) -> None:
    """Above is what pytest says of the test; its short summary, which nobody asked for, is not."""
    outcome = verify(tmp_path, STATIC, "--terraform-root", root)
    text = " ".join(" ".join(outcome.output.splitlines()[-SCREEN:]).split())
    assert [part for part in FOUND if part not in text] == []
    assert "short test summary" not in outcome.output
    assert outcome.output.count("provider aws has version >= 5.0") == 2
    assert "not yet verified" not in outcome.output


@pytest.mark.parametrize("options", ["-p no:terminal", "--no-summary"])
def test_quiet_run_ends_with_the_verdict(options: str, root: Path, tmp_path: Path) -> None:
    """Who wants no summary gets the verdict, and the reports."""
    outcome = verify(tmp_path, STATIC, "--terraform-root", root, *options.split())
    assert outcome.code == 1
    assert outcome.output.splitlines()[-1] == "Failed: module-pattern. (exit code 1)"
    assert "✗" not in outcome.output
    assert "Traceback" not in outcome.output


def test_smaller_policy_is_in_the_reports(tmp_path: Path) -> None:
    """The terminal names the file of a policy that would be enough; the reports have it whole."""
    plan = ("verification/plan", "--partial", "-k", "privileges")
    outcome = verify(tmp_path, *plan)
    assert outcome.code == 0, outcome.output
    said = (
        "Note: The task role has more permissions than the backend needs: smaller-policy.tf, next "
        "to the report, is sufficient."
    )
    assert said in outcome.output.splitlines()
    assert "aws_iam_policy_document" not in outcome.output
    assert len(ending(outcome.output)) <= 10, outcome.output
    policy = (tmp_path / "smaller-policy.tf").read_text(encoding="utf-8")
    assert 'data "aws_iam_policy_document"' in policy
    for name in ("report.html", "summary.md"):
        assert policy in unescape((tmp_path / name).read_text(encoding="utf-8"))


@pytest.fixture(name="broken", scope="module")
def _broken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Path]:
    """A run whose one job breaks, and the folder of its reports."""
    folder = tmp_path_factory.mktemp("reports")
    return verify(folder, STATIC, "-p", "tests.plugin.broken_source"), folder


def test_broken_job_is_one_error(broken: tuple[Outcome, Path]) -> None:
    """The terminal tells it once, with a remedy and a log; the tests that waited are counted."""
    outcome, folder = broken
    assert outcome.code == 3
    assert "Traceback" not in outcome.output
    assert outcome.output.count("ERROR at setup of") == 1
    tests = sum(error["tests"] for error in outcome.results["errors"])
    assert f"1 error, {tests - 1} blocked in " in outcome.output
    text = " ".join(" ".join(outcome.output.splitlines()[-SCREEN:]).split())
    log = folder / "logs" / "source.traceback"
    assert "! error: task-role-permissions" in text
    assert "source broke: a connection failed (http.client.RemoteDisconnected: Remote end" in text
    assert f"Run it again on an idle machine; its traceback is in {log}." in text
    assert f"It blocked {tests} tests." in text
    assert "raise RemoteDisconnected(" in log.read_text(encoding="utf-8")


def test_broken_job_is_one_error_in_every_report(broken: tuple[Outcome, Path]) -> None:
    """JSON has it once with its number; HTML and Markdown name it on top, JUnit says who waited."""
    outcome, folder = broken
    (error,) = outcome.results["errors"]
    tests = sum(
        len(cell["evidence"]) for c in outcome.results["criteria"] for cell in c["rungs"].values()
    )
    assert error["tests"] == tests > 10
    page = (folder / "report.html").read_text(encoding="utf-8")
    title = page.split("<h1>")[1].split("</h1>")[0]
    assert "source broke: a connection failed" in title
    problems = page.split('<section id="problems">')[1].split("</section>")[0]
    assert problems.count("source broke: ") == 1
    assert f"It blocked {tests} tests." in problems
    assert "Traceback" not in page
    summary = (folder / "summary.md").read_text(encoding="utf-8")
    assert summary.startswith("## source broke: a connection failed")
    cases = xml.parse(folder / "junit.xml").findall(".//testcase/error")
    told = [str(case.text) for case in cases]
    assert len(told) == tests
    assert len([text for text in told if text.startswith("blocked: source broke: ")]) == tests - 1
    assert not any("Traceback" in text or "\n" in text for text in told)
