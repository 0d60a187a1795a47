"""What `terraform test` says of a module is heard, whatever its end."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.engine.terraform.fake import VERSION, Fake, lines
from verification.engine.errors import ToolError
from verification.engine.terraform.module_tests import run_tests
from verification.model.module_tests import ModuleRun

pytestmark = pytest.mark.slow

FILE = "tests/a.tftest.hcl"
KNOWN = f"terraform/modules/a/{FILE}"
TESTS = 'mock_provider "aws" {}\n\nrun "holds" {\n  command = plan\n}\n'
# Recorded from Terraform 1.11.4, without what does not matter here.
PASSED = {"type": "test_summary", "test_summary": {"status": "pass", "passed": 1}}
FAILED = {"type": "test_summary", "test_summary": {"status": "fail", "failed": 1}}


def ended(status: str, run: str = "holds") -> dict[str, Any]:
    """The message about a run that ended."""
    about = {"path": FILE, "run": run, "progress": "complete", "status": status}
    return {"type": "test_run", "@testfile": FILE, "@testrun": run, "test_run": about}


def wrong(summary: str, detail: str, file: str = FILE, run: str = "holds") -> dict[str, Any]:
    """The message about something that is wrong in a run; in the file as a whole without one."""
    place = {"filename": file, "start": {"line": 5, "column": 3}}
    said = {"severity": "error", "summary": summary, "detail": detail, "range": place}
    where = {"@testfile": FILE, "@testrun": run} if run else {}
    return {"type": "diagnostic", **where, "diagnostic": said}


ASSERTION = wrong("Test assertion failed", "It is\n kept.")


@pytest.fixture(name="fake")
def _fake(tmp_path: Path) -> Fake:
    """A terraform, and a tree with a module that has tests."""
    fake = Fake(tmp_path)
    module = fake.user / "modules/a"
    (module / "tests").mkdir(parents=True)
    (module / FILE).write_text(TESTS, encoding="utf-8")
    (module / "main.tf").write_text("# empty\n", encoding="utf-8")
    (fake.terraform.directory / ".terraform.lock.hcl").write_text("# locked\n", encoding="utf-8")
    return fake


def runs_of(fake: Fake, *messages: dict[str, Any], end: str = "exit 0") -> tuple[ModuleRun, ...]:
    """What is said of the module's tests where Terraform prints these messages."""
    terraform = fake.answer("test", lines(VERSION, *messages), end=end)
    tree = fake.folder.parent / "other/terraform"
    shutil.copytree(fake.user, tree)
    return run_tests(terraform.module(Path("a"), tree, terraform.environ))


def test_run_that_passes(fake: Fake) -> None:
    """It is named with its file, and run where the provider is: no init is needed."""
    assert runs_of(fake, ended("pass"), PASSED) == (ModuleRun(KNOWN, "holds", "pass"),)
    assert fake.calls() == [["test", "-json", "-no-color"]]


@pytest.mark.parametrize(
    ("messages", "runs"),
    [
        (
            (ASSERTION, ended("fail"), ended("pass", "another"), FAILED),
            [("holds", "fail", f"{KNOWN}:5"), ("another", "pass", "")],
        ),
        (
            (wrong("No such", "x", "main.tf"), ended("error"), ended("skip", "another"), FAILED),
            [("holds", "error", "terraform/modules/a/main.tf:5"), ("another", "skip", "")],
        ),
        ((wrong("Invalid block", "", run=""),), [("", "error", f"{KNOWN}:5")]),
        ((ended("fail"), FAILED), [("holds", "fail", "")]),
        ((PASSED,), [("", "error", "")]),
        ((ended("pass"),), [("holds", "pass", ""), ("", "error", "")]),
    ],
    ids=["fails", "breaks", "unreadable", "unexplained", "no run", "no end"],
)
def test_what_is_not_passed_is_said(
    fake: Fake, messages: tuple[dict[str, Any], ...], runs: list[tuple[str, str, str]]
) -> None:
    """Each run with how it ended and where; where no run passed, that."""
    found = runs_of(fake, *messages, end="exit 1")
    assert [(one.name, one.status, one.source) for one in found] == runs


def test_assertion_is_told_in_its_words(fake: Fake) -> None:
    """In one line, which a sentence can end with."""
    [run] = runs_of(fake, ASSERTION, ended("fail"), FAILED, end="exit 1")
    assert run.said == ("Test assertion failed: It is kept",)


def test_module_without_tests_runs_nothing(fake: Fake) -> None:
    """Nothing is said of it, and Terraform is not asked."""
    (fake.user / "modules/a" / FILE).unlink()
    assert runs_of(fake, ended("pass"), PASSED) == ()
    assert not (fake.folder / "calls").exists()


@pytest.mark.parametrize("text", ['provider "aws" {}\n', '{\n "provider": {}\n}\n'])
def test_provider_that_is_not_mocked_is_refused(fake: Fake, text: str) -> None:
    """It could be told whom to be, and where to go: Terraform is not asked."""
    (fake.user / "modules/a" / FILE).write_text(f"{TESTS}\n{text}", encoding="utf-8")
    [run] = runs_of(fake, ended("pass"), PASSED)
    assert (run.status, run.source.partition(":")[0]) == ("error", KNOWN)
    assert "write mock_provider" in run.said[0]
    assert not (fake.folder / "calls").exists()


def test_modules_of_the_module_are_installed(fake: Fake) -> None:
    """What it calls, or a run is about, Terraform wants to have been told before."""
    (fake.user / "modules/a/main.tf").write_text('module "b" {\n  source = "../b"\n}\n')
    runs_of(fake, ended("pass"), PASSED)
    assert [call[0] for call in fake.calls()] == ["get", "test"]


def test_command_that_breaks_is_an_error(fake: Fake) -> None:
    """Another end than that of tests which pass or fail is no verdict on the module."""
    with pytest.raises(ToolError, match="terraform-test-a failed with exit code 2"):
        runs_of(fake, end="exit 2")
