"""The layers hold: imports between packages go down, and none in a circle."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

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
    assert "layers KEPT" in said


@pytest.mark.parametrize(
    ("file", "imports", "says"),
    [
        ("model/stack", "engine.run import schedule", "model.stack -> verification.engine.run"),
        ("checks/stack/cost", "engine.source import hcl", "cost -> verification.engine.source"),
        ("model/ternary", "model import stack", "No cycles are allowed in verification.model"),
        ("engine/run/schedule", "model import stack", ""),
    ],
    ids=["up", "aside", "round", "down"],
)
def test_an_arrow_goes_nowhere_but_down(tmp_path: Path, file: str, imports: str, says: str) -> None:
    """Up, aside and round it is named; the same import of something below is allowed."""
    suite = copied(tmp_path)
    with (suite / f"verification/{file}.py").open("a", encoding="utf-8") as source:
        source.write(f"\nfrom verification.{imports}  # noqa\n")
    code, said = lint(suite)
    assert (code == 1, says in said) == (bool(says), True), said
