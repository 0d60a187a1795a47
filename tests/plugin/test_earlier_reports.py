"""Reports of an earlier run never stand for this one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.engine.report.kit import FAILED
from tests.kit import HANG, PYTEST, REPOSITORY, verify
from tests.plugin.conftest import Static
from verification.engine.report.writer import remove_reports, write_reports

pytestmark = pytest.mark.slow

READ_ONLY = """
from pathlib import Path

def unlink(self, missing_ok=False):
    raise PermissionError(13, "Permission denied", str(self))

Path.unlink = unlink
"""
REPORTS = ("verification.json", "report.html", "summary.md", "results.sarif", "policies.xml")


@pytest.fixture(name="earlier")
def _earlier(tmp_path: Path) -> Path:
    """A folder with the reports of a run that proved everything, and with files of somebody's."""
    folder = tmp_path / "reports"
    write_reports(folder, FAILED)
    for name in ("junit.xml", "smaller-policy.tf", "smaller-policy-dev.json", "own.json"):
        (folder / name).write_text("{}", encoding="utf-8")
    (folder / "logs").mkdir()
    (folder / "logs" / "apply.out").write_text("", encoding="utf-8")
    return folder


def left(folder: Path) -> set[str]:
    """The names of what lies in a folder."""
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize(
    "options",
    [
        ("--environment", "nope"),
        ("--contract", "none.toml"),
        ("--base", "no-such-branch"),
        ("--base",),
        ("--no-such-option",),
        ("--target", "aws"),
        ("--strict", "--partial"),
    ],
    ids=" ".join,
)
def test_usage_error_leaves_no_earlier_report(
    static: Static, earlier: Path, options: tuple[str, ...]
) -> None:
    """A run that ends before it begins takes them away, and touches nothing else."""
    outcome = static(*options)
    assert outcome.code == 4, outcome.output
    assert left(earlier) == {"logs", "own.json"}


@pytest.mark.parametrize("options", [("--help",), ("--version",), ("--markers",)], ids=" ".join)
def test_what_is_no_run_takes_nothing(
    static: Static, earlier: Path, options: tuple[str, ...]
) -> None:
    """Asking pytest for its help costs nobody a report."""
    assert static(*options).code == 0
    assert {*REPORTS, "junit.xml"} <= left(earlier)


def test_run_that_ends_early_replaces_them(static: Static, earlier: Path) -> None:
    """What a run of the static rung does not write is gone after it."""
    assert static("--setup-plan").code == 5
    assert left(earlier) == {*REPORTS[:3], "junit.xml", "logs", "own.json"}
    assert "nothing is proven" in (earlier / "summary.md").read_text(encoding="utf-8")


def test_what_cannot_be_removed_ends_the_run(static: Static, earlier: Path) -> None:
    """Where earlier reports have to stay, nothing runs: 7, one sentence, and the remedy."""
    outcome = static(plugin=READ_ONLY)
    assert outcome.code == 7, outcome.output
    assert "Reports of an earlier run cannot be removed: " in outcome.output
    assert f"{earlier / 'report.html'}" in outcome.output
    remedy = "Permission denied. Remove them, or choose another folder with --reports."
    assert remedy in outcome.output
    assert "Traceback" not in outcome.output


def test_folder_in_the_way_is_no_report(tmp_path: Path) -> None:
    """A folder that somebody gave a report's name stays, and so does what it holds."""
    (tmp_path / "report.html" / "mine").mkdir(parents=True)
    assert remove_reports(tmp_path) == ""
    assert remove_reports(tmp_path / "none") == ""
    assert (tmp_path / "report.html" / "mine").exists()


def test_two_runs_may_remove_them_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that another run removed meanwhile is gone, and that is all that was wanted."""
    gone = tmp_path / "verification.json"
    monkeypatch.setattr(Path, "glob", lambda *_: iter([gone]))
    assert remove_reports(tmp_path) == ""


def test_rungs_are_known_through_a_link(tmp_path: Path) -> None:
    """An absolute path through a symbolic link names the rung as the plain one does."""
    link = tmp_path / "link"
    link.symlink_to(REPOSITORY)
    outcome = verify(tmp_path / "reports", link / "verification" / "static", repository=link)
    assert outcome.code == 0, outcome.output
    assert outcome.results["rungs"] == ["static"]


def test_without_the_plugin_nothing_is_judged() -> None:
    """Where pytest does not read the root's conftest.py, one sentence ends the run."""
    done = subprocess.run(
        [*PYTEST, "verification/static", "--confcutdir=verification"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=HANG,
    )
    assert done.returncode == 4, done.stdout
    assert "The suite's plugin is not loaded, so the run is not judged" in done.stdout
    assert "Traceback" not in done.stdout
