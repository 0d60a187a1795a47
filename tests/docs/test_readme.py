"""The README tells the truth: verbs, rungs, paths, exit codes and options exist as it says."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.kit import REPOSITORY
from verification.model.results import ExitCode

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
# The runbooks' options are of other commands, and test_runbooks.py runs those.
OWN = "".join(re.split(r"\n## Runbooks\n.*?(?=\n## )", README, flags=re.DOTALL))
MAKEFILE = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
VERBS = set(re.findall(r"^([a-z]+):.*## ", MAKEFILE, re.MULTILINE))
LADDER = re.findall(r"^\| (\w+) \|.*\| `make (\w+)` \|$", README, re.MULTILINE)


def test_verbs_exist() -> None:
    """Every make verb that a document names is in the Makefile, with its help."""
    texts = [path.read_text(encoding="utf-8") for path in documents()]
    named = {verb for text in texts for verb in re.findall(r"(?m)(?:`|^)make ([a-z]+)", text)}
    assert named >= {"verify", "test"}
    assert named <= VERBS


def test_help_lists_every_verb() -> None:
    """`make help` says what each verb does."""
    command = ["make", "--no-print-directory", "help"]
    said = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert {line.split()[0] for line in said.stdout.splitlines()} == VERBS


def test_ladder_is_the_folders() -> None:
    """The ladder table, the folders, the markers and the make verbs are the same rungs."""
    folders = {p.parent.name for p in (REPOSITORY / "verification").glob("*/test_*.py")}
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    markers = {m.split(":")[0] for m in settings["tool"]["pytest"]["ini_options"]["markers"]}
    # The policy rung runs policies.
    rungs = {rung for rung, verb in LADDER if verb == {"policy": "policies"}.get(rung, rung)}
    assert rungs == folders
    assert rungs <= markers
    assert {verb for _, verb in LADDER} <= VERBS


def test_exit_codes_are_all_told() -> None:
    """The table of exit codes has each code of the suite, and no other."""
    table = {int(code) for code in re.findall(r"^\| (\d) \| ", README, re.MULTILINE)}
    assert table == {int(code) for code in ExitCode}


def test_paths_exist() -> None:
    """Every path that the map names exists."""
    map_ = README.split("## Map")[1].split("```")[1]
    lines = [line.split()[0] for line in map_.splitlines() if line and not line.startswith("  ")]
    inner = re.findall(r"^  ([\w./ ]+?)  ", map_, re.MULTILINE)
    paths = lines + [f"verification/{name}" for part in inner for name in part.split()]
    assert len(paths) > 8
    assert [path for path in paths if not (REPOSITORY / path).exists()] == []


@pytest.mark.parametrize("option", sorted(set(re.findall(r"(--[a-z][a-z-]+)", OWN))))
def test_options_exist(option: str) -> None:
    """Every option that the README names is one of pytest's, with our help or its own."""
    said = subprocess.run(
        [sys.executable, "-m", "pytest", "--help"], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert option in said.stdout


def documents() -> list[Path]:
    """Every document that people read here."""
    return [REPOSITORY / "README.md", *sorted((REPOSITORY / "terraform").rglob("README.md"))]
