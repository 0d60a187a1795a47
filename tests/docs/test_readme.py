"""The documents tell the truth: verbs, rungs, paths, links, exit codes and options exist."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.kit import REPOSITORY, copy_terraform, verify
from verification.model.results import ExitCode

pytestmark = pytest.mark.slow

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
DOCS = REPOSITORY / "docs"
RUNNING = (DOCS / "running.md").read_text(encoding="utf-8")
# The runbooks' options are of other commands, and the tests in runbooks/ run those.
OWN = README + "".join(path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("*.md")))
MAKEFILE = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
VERBS = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))
LADDER = re.findall(r"^\| (\w+) \|.*\| `make (\w+)` \|$", README, re.MULTILINE)


def documents() -> list[Path]:
    """Every document that people read here."""
    folders = (DOCS, REPOSITORY / "terraform", REPOSITORY / "policies", REPOSITORY / "backend")
    return [*REPOSITORY.glob("*.md"), *sorted(p for f in folders for p in f.rglob("*.md"))]


def test_verbs_exist() -> None:
    """Every make verb that a document names is in the Makefile, with its help."""
    texts = [path.read_text(encoding="utf-8") for path in documents()]
    named = {verb for text in texts for verb in re.findall(r"(?m)(?:`|^)make ([a-z-]+)", text)}
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
    table = {int(code) for code in re.findall(r"^\| (\d) \| ", RUNNING, re.MULTILINE)}
    assert table == {int(code) for code in ExitCode}


def test_paths_exist() -> None:
    """Every path that the map names exists."""
    map_ = (DOCS / "architecture.md").read_text(encoding="utf-8").split("```")[1]
    lines = [line.split()[0] for line in map_.splitlines() if line and not line.startswith("  ")]
    inner = re.findall(r"^  ([\w./ ]+?)  ", map_, re.MULTILINE)
    paths = lines + [f"verification/{name}" for part in inner for name in part.split()]
    assert len(paths) > 8
    assert [path for path in paths if not (REPOSITORY / path).exists()] == []


def test_readme_can_be_read_at_once() -> None:
    """What a newcomer needs first fits into 9 kB; the rest is in docs/."""
    assert len(README.encode()) <= 9_000


@pytest.mark.parametrize("path", documents(), ids=lambda p: str(p.relative_to(REPOSITORY)))
def test_links_lead_somewhere(path: Path) -> None:
    """Every link to a file of ours leads to one, and to a heading that it has."""
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        name, _, heading = target.partition("#")
        file = path.parent / name if name else path
        assert file.exists(), f"{path}: {target}"
        if heading:
            headings = re.findall(r"(?m)^#+ (.*)$", file.read_text(encoding="utf-8"))
            assert heading in [h.lower().replace(" ", "-") for h in headings], f"{path}: {target}"


def test_broken_line_is_found_as_told(tmp_path: Path) -> None:
    """What the README breaks is found in the README's own words."""
    command, finding = (
        re.search(rf"(?ms)^```\w+ {name}\n(.*?)^```", README)[1]  # type: ignore[index]
        for name in ("break", "finding")
    )
    root = copy_terraform(tmp_path)
    edit = command.splitlines()[0]
    subprocess.run(edit, shell=True, cwd=tmp_path, check=True)
    outcome = verify(tmp_path / "reports", "verification/static", "--terraform-root", root)
    assert outcome.code == 1, outcome.output
    assert " ".join(finding.split()) in " ".join(outcome.output.split())


@pytest.mark.parametrize("option", sorted(set(re.findall(r"(--[a-z][a-z-]+)", OWN))))
def test_options_exist(option: str) -> None:
    """Every option that the README names is one of pytest's, with our help or its own."""
    said = subprocess.run(
        [sys.executable, "-m", "pytest", "--help"], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert option in said.stdout
