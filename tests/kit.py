"""What several test folders share: a copy of the Terraform to break, and the suite's command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import copy, copytree, ignore_patterns
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
TERRAFORM = REPOSITORY / "terraform"
# What modules/dynamodb/iam.tf allows its actions on.
ARNS = 'flatten([for arn in values(local.table_arns) : [arn, "${arn}/index/*"]])'
# Seconds after which something hangs, on whatever machine.
HANG = 300
# The suite's own command, as the Makefile runs the rungs: without Hypothesis.
PYTEST = (sys.executable, "-m", "pytest", "-p", "no:hypothesispytest", "-p", "no:cacheprovider")


@dataclass(frozen=True)
class Outcome:
    """How a run of the suite ended: exit code, what it printed, and its verification.json."""

    code: int
    output: str
    results: dict[str, Any]

    def verdict(self, criterion: str, rung: str) -> str:
        """The verdict on a criterion on a rung."""
        found = next(c for c in self.results["criteria"] if c["id"] == criterion)
        return str(found["rungs"][rung]["verdict"])

    def silent(self, criterion: str, rung: str) -> list[tuple[str, str, str]]:
        """What did not speak for a criterion on a rung: check, environment and why."""
        found = next(c for c in self.results["criteria"] if c["id"] == criterion)
        missing = found["rungs"][rung]["missing"]
        return [(one["check"], one["environment"], one["why"]) for one in missing]

    def examined(self) -> int:
        """How many things were examined."""
        cells = [cell for c in self.results["criteria"] for cell in c["rungs"].values()]
        return sum(cell["examined"] for cell in cells)

    def failed(self) -> set[str]:
        """The criteria that failed on any rung."""
        return {
            criterion["id"]
            for criterion in self.results["criteria"]
            if any(cell["verdict"] == "fail" for cell in criterion["rungs"].values())
        }


def copy_terraform(into: Path) -> Path:
    """Copy the repository's Terraform, without what an init may have left there.

    What it is wired to stands beside the copy, by reference.
    """
    for name in ("backend", ".github"):
        (into / name).symlink_to(REPOSITORY / name)
    return Path(copytree(TERRAFORM, into / "terraform", ignore=ignore_patterns(".terraform")))


def copy_suite(into: Path) -> Path:
    """Copy the suite itself, to break it; what it verifies is there by reference.

    What Python has compiled comes along: it holds for every file that stays as it is.
    """
    into.mkdir()
    for name in ("backend", "policies", "terraform", ".github"):
        (into / name).symlink_to(REPOSITORY / name)
    for name in ("conftest.py", "pyproject.toml"):
        copy(REPOSITORY / name, into / name)
    being_written = ignore_patterns("*.pyc.*")
    copytree(REPOSITORY / "verification", into / "verification", ignore=being_written)
    return into


def edit(file: Path, old: str, new: str) -> None:
    """Replace a text that must be there; a mutant that changes nothing would prove nothing."""
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file} does not hold {old!r}"
    file.write_text(text.replace(old, new), encoding="utf-8")


def wait_for(happened: Callable[[], object], seconds: float = HANG) -> None:
    """Wait for an event; the bound is for what never comes, not for what is slow."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"it did not happen within {seconds:.0f} s"
        time.sleep(0.02)


def verify(
    reports: Path,
    *arguments: str | Path,
    environ: Mapping[str, str] | None = None,
    timeout: float = 3 * HANG,
    repository: Path = REPOSITORY,
) -> Outcome:
    """Run the suite's own command as a user would, with reports in a folder of their own."""
    done = subprocess.run(
        [*PYTEST, "--reports", str(reports), *map(str, arguments)],
        cwd=repository,
        env=dict(os.environ if environ is None else environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
    )
    path = reports / "verification.json"
    results = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return Outcome(done.returncode, done.stdout, results)
