"""Runs of the suite: with plugins as PYTEST_ADDOPTS may bring them, and watched from outside."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kit import Outcome, verify
from tests.plugin.runs import Watched

Static = Callable[..., Outcome]


@pytest.fixture
def static(tmp_path: Path) -> Static:
    """Run the static rung with a plugin of this source, options and variables."""

    def run(*options: str | Path, plugin: str = "", **environ: str) -> Outcome:
        (tmp_path / "brought_along.py").write_text(f"import pytest\n\n{plugin}", encoding="utf-8")
        given = os.environ | {"PYTHONPATH": str(tmp_path)} | environ
        arguments = ("-p", "brought_along", "verification/static", *options)
        return verify(tmp_path / "reports", *arguments, environ=given)

    return run


@pytest.fixture(name="run")
def _run(tmp_path: Path) -> Iterator[Watched]:
    """A plan of dev; whatever a failing test left of it ends with it."""
    run = Watched(tmp_path)
    yield run
    for pid, _ in run.processes():
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(run.temporary)
