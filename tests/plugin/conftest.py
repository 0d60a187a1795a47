"""Runs of the static rung, with plugins as somebody's PYTEST_ADDOPTS may bring them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kit import Outcome, verify

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
