"""The floors of the house hold: an arrow between packages goes down, and none goes round."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns

from tests.kit import REPOSITORY, copy_suite

LINT = Path(sys.executable).with_name("lint-imports")


def lint(repository: Path) -> tuple[int, str]:
    """The exit code of import-linter over a repository, and what it says."""
    command = [str(LINT), "--no-cache", "--config", str(repository / "pyproject.toml")]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def copied(folder: Path) -> Path:
    """A copy of the suite, with a backend of its own: imports follow no links."""
    suite = copy_suite(folder / "suite")
    (suite / "backend").unlink()
    copytree(REPOSITORY / "backend", suite / "backend", ignore=ignore_patterns("__pycache__"))
    return suite


def test_every_arrow_goes_down() -> None:
    """As pyproject.toml says it; the message names each import that climbs."""
    code, said = lint(REPOSITORY)
    assert code == 0, said
    assert "floors KEPT" in said


def test_an_arrow_that_climbs_is_found(tmp_path: Path) -> None:
    """A model that imports what is built on it is named, with the line."""
    suite = copied(tmp_path)
    with (suite / "verification/model/stack.py").open("a", encoding="utf-8") as file:
        file.write("\nfrom verification.engine.run import schedule  # noqa\n")
    code, said = lint(suite)
    assert code == 1, said
    assert "verification.model.stack -> verification.engine.run.schedule" in said


def test_the_twin_that_goes_down_is_none(tmp_path: Path) -> None:
    """The same import of something below is allowed."""
    suite = copied(tmp_path)
    with (suite / "verification/engine/run/schedule.py").open("a", encoding="utf-8") as file:
        file.write("\nfrom verification.model import stack  # noqa\n")
    code, said = lint(suite)
    assert code == 0, said
