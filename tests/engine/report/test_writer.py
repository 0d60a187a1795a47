"""Reports are written whole or not at all; what cannot be written hides nothing else."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
from pathlib import Path

import pytest

from tests.engine.report.kit import FAILED, PASSED
from tests.kit import HANG, PYTEST, REPOSITORY, verify, wait_for
from verification.engine.report.document import document
from verification.engine.report.writer import write_reports

pytestmark = pytest.mark.slow

BY_DEFAULT = {"verification.json", "report.html", "summary.md"}
BY_POLICIES = {"results.sarif", "policies.xml"}
REMEDY = "Make the folder writable, or choose another with --reports."


def names(folder: Path) -> set[str]:
    """What lies in a folder."""
    return {path.name for path in folder.iterdir()}


def test_everything_is_written(tmp_path: Path) -> None:
    """All reports lie beside each other, and what was found reads back as it was."""
    assert write_reports(tmp_path / "new" / "folder", FAILED) == []
    assert names(tmp_path / "new" / "folder") == BY_DEFAULT | BY_POLICIES
    text = (tmp_path / "new" / "folder" / "verification.json").read_text(encoding="utf-8")
    assert text == document(FAILED)


def test_earlier_reports_are_replaced(tmp_path: Path) -> None:
    """What an earlier run said of policies does not lie beside a run that asked for none."""
    write_reports(tmp_path, FAILED)
    write_reports(tmp_path, PASSED)
    assert names(tmp_path) == BY_DEFAULT
    assert PASSED.verdict in (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_one_that_cannot_be_written_costs_no_other(tmp_path: Path) -> None:
    """The others are written; one sentence names the file, the reason and the remedy."""
    (tmp_path / "report.html" / "in the way").mkdir(parents=True)
    (told,) = write_reports(tmp_path, FAILED)
    assert told == f"{tmp_path / 'report.html'} could not be written: Is a directory. {REMEDY}"
    assert names(tmp_path) == BY_DEFAULT | BY_POLICIES


def test_folder_that_is_a_file_is_told_once(tmp_path: Path) -> None:
    """Where nothing can be written, one sentence names all files."""
    (tmp_path / "reports").write_text("", encoding="utf-8")
    (told,) = write_reports(tmp_path / "reports" / "today", PASSED)
    assert all(f"/reports/today/{name}" in told for name in BY_DEFAULT)
    assert told.endswith(f"could not be written: Not a directory. {REMEDY}")


def test_full_disk_hides_nothing(tmp_path: Path) -> None:
    """A run whose larger reports find no room ends as it would have, counts and sentence said.

    A limit on the size of files stands for the disk; what an earlier run left is gone.
    """
    (tmp_path / "verification.json").write_text("{}", encoding="utf-8")
    done = subprocess.run(
        [*PYTEST, "verification/static", "--reports", tmp_path],
        cwd=REPOSITORY,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048)),
        capture_output=True,
        text=True,
        timeout=HANG,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "7 of 7 criteria proven on static; " in done.stdout
    files = f"{tmp_path}/verification.json, {tmp_path}/report.html"
    assert f"{files} could not be written: File too large. {REMEDY}" in done.stdout
    assert f"{tmp_path}/junit.xml could not be written: File too large. {REMEDY}" in done.stdout
    assert done.stdout.endswith("(exit code 0)\n")
    assert "Traceback" not in done.stdout + done.stderr
    assert names(tmp_path) == {"summary.md", "junit.xml"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["verification/static"], 0),
        (["verification/static", "-k", "no_such_check"], 5),
        (["verification/static", "--terraform-root", "nowhere"], 3),
    ],
    ids=["proven", "nothing selected", "tool error"],
)
def test_reports_of_every_end(tmp_path: Path, arguments: list[str], code: int) -> None:
    """However a run ends, its reports say so in the terminal's words."""
    outcome = verify(tmp_path, *arguments)
    assert outcome.code == code, outcome.output
    last = outcome.output.splitlines()[-1]
    assert last.endswith(f"(exit code {code})")
    assert f"</span> {last}</h1>" in (tmp_path / "report.html").read_text(encoding="utf-8")
    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert summary.replace("\\", "").startswith(f"## {last}")


def test_interrupted_run_is_reported(tmp_path: Path) -> None:
    """A run that is interrupted while Terraform works says so, in files too."""
    command = [*PYTEST, "verification/plan", "--reports", str(tmp_path)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL) as process:
        wait_for(lambda: process.poll() is not None or list(tmp_path.glob("logs/terraform-*")))
        process.send_signal(signal.SIGINT)
        assert process.wait(HANG) == 2
    content = json.loads((tmp_path / "verification.json").read_text(encoding="utf-8"))
    assert (content["exit_code"], content["outcome"]) == (2, "interrupted")
    assert names(tmp_path) >= BY_DEFAULT
    assert "Interrupted. (exit code 2)" in (tmp_path / "report.html").read_text(encoding="utf-8")
