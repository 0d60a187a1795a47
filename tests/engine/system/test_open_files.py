"""The limit of open files is raised for a run, and where that is not enough the run says so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit import PYTEST, REPOSITORY

pytestmark = pytest.mark.slow

ASK = "ulimit -Sn {soft} && ulimit -Hn {hard} && exec {command}"
RAISE = (
    "import resource, subprocess;"
    "from verification.engine.system.open_files import demand_open_files;"
    "demand_open_files(['smoke']);"
    "print(resource.getrlimit(resource.RLIMIT_NOFILE));"
    "subprocess.run(['sh', '-c', 'ulimit -Sn'])"
)


def limited(hard: int, soft: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python where so many files may be open."""
    script = ASK.format(hard=hard, soft=soft, command='"$0" "$@"')
    return subprocess.run(
        ["sh", "-c", script, sys.executable, *arguments],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_a_low_soft_limit_is_raised_for_children_too() -> None:
    """A shell with `ulimit -n 256` does not make the deployed backend refuse anyone."""
    done = limited(1024, 256, "-c", RAISE)
    assert done.stdout.splitlines() == ["(1024, 1024)", "1024"], done.stderr


def test_a_low_hard_limit_ends_the_rungs_that_deploy_with_7(tmp_path: Path) -> None:
    """It is one sentence, before anything starts, and no verdict on the backend."""
    done = limited(256, 256, *PYTEST[1:], "--reports", f"{tmp_path}", "verification/smoke")
    assert done.returncode == 7, done.stdout + done.stderr
    assert "need 1024 open files, but the limit is 256: raise" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_low_hard_limit_leaves_other_rungs_alone(tmp_path: Path) -> None:
    """What the source alone can tell needs no connections."""
    part = ("--reports", f"{tmp_path}", "verification/static", "--partial", "-k", "pinned")
    done = limited(256, 256, *PYTEST[1:], *part)
    assert done.returncode == 0, done.stdout + done.stderr
