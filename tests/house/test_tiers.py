"""A test that starts something heavy is marked so, or fails: the fast tests stay fast."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.kit import HANG, PYTEST, REPOSITORY

pytestmark = pytest.mark.slow

BOTH = """
import subprocess
import pytest

def start():
    subprocess.run(["/nowhere/terraform", "plan"])

def test_fast():
    start()

@pytest.mark.slow
def test_slow():
    with pytest.raises(FileNotFoundError):
        start()
"""


def test_a_fast_test_starts_nothing_heavy(tmp_path: Path) -> None:
    """Terraform may be started by a test that is marked slow, and by no other."""
    (tmp_path / "test_both.py").write_text(BOTH, encoding="utf-8")
    options = ["-p", "tests.conftest", "-c", os.devnull, "-o", "markers=slow", "-rA"]
    done = subprocess.run(
        [*PYTEST, *options, f"--rootdir={tmp_path}", str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=HANG,
    )
    ended = dict(re.findall(r"^(PASSED|FAILED) \S*::(\w+)", done.stdout, re.M))
    assert ended == {"PASSED": "test_slow", "FAILED": "test_fast"}, done.stdout
    assert "plan'] has the marker slow" in done.stdout
