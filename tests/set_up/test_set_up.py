"""A set-up is complete or made anew, whatever ended it and whatever changed since."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from requirements.environments import UV
from tests.set_up.kit import PIP_DID, Checkout

pytestmark = pytest.mark.slow

KILL = "{ touch killed; kill -9 0; }"
# uv would take what is left for a package that is installed.
HALVE = f'{UV.folder}/bin/uv "$@"; find .venv -name alpha.py -delete'
KILLED = {
    "before there is an environment": f'[ -e killed ] || [ "$1" = pip ] || {KILL}',
    "before anything is installed": f'[ -e killed ] || [ "$1" = venv ] || {KILL}',
    "amid a package": f'[ -e killed ] || [ "$1" = venv ] || {{ {HALVE}; {KILL}; }}',
}


def test_what_is_complete_is_left_alone(small: Checkout) -> None:
    """The first run installs what is named, by uv; the second does and says nothing."""
    said = small.set_up("verification", "checkov")
    assert re.fullmatch(r"Setting up verification, checkov\nSet up in \d+ s\.\n", said)
    assert (small.installed(), small.installed(".venv-checkov")) == ({"alpha"}, {"gamma"})
    before = small.stamp.stat().st_mtime_ns
    assert small.set_up("verification", "checkov") == ""
    assert small.stamp.stat().st_mtime_ns == before


@pytest.mark.parametrize("line", KILLED.values(), ids=KILLED)
def test_killed_is_made_anew(line: str, small: Checkout) -> None:
    """Whatever a killed set-up left behind, the next one does not take it for complete."""
    small.uv(line)
    small.set_up("verification", code=-signal.SIGKILL)
    assert not small.stamp.exists()
    assert PIP_DID not in small.set_up("verification")
    assert small.installed() == {"alpha"}


def test_without_its_python_it_is_made_anew(small: Checkout) -> None:
    """An environment whose Python somebody removed is not complete, whatever its stamp says."""
    small.set_up("verification")
    (small.root / ".venv" / "bin" / "python").unlink()
    assert small.set_up("verification").startswith("Setting up verification")
    assert small.installed() == {"alpha"}


def test_half_a_uv_is_brought_anew(small: Checkout) -> None:
    """A uv without its stamp, as a killed pip leaves it, is not used."""
    broken = small.root / ".uv" / "bin" / "uv"
    broken.parent.mkdir(parents=True)
    broken.write_text("half", encoding="utf-8")
    assert PIP_DID not in small.set_up("verification")
    assert small.installed() == {"alpha"}


def test_waits_for_what_a_killed_one_left_at_work(small: Checkout) -> None:
    """The next set-up begins when the installer of a killed one has ended, not beside it."""
    small.uv('[ -e go ] || { touch "at work"; until [ -e go ]; do sleep 0.02; done; }')
    with small.start("verification") as first:
        small.await_file("at work")
        first.kill()
        with small.start("verification") as second:
            assert second.stdout is not None
            waits = second.stdout.readline()
            (small.root / "go").touch()
            assert second.wait() == 0
    assert waits == "Waiting for another set-up of this checkout.\n"
    assert small.installed() == {"alpha"}


def test_an_interrupt_is_one_line(small: Checkout) -> None:
    """Ctrl-C ends it with a sentence, and pip does not take over from the uv that it ended."""
    small.uv('[ "$1" = venv ] || kill -2 $$')
    said = small.set_up("verification", code=1)
    assert said.endswith("uv was stopped. Run make again to continue.\n")
    assert "Traceback" not in said


def test_a_moved_checkout_is_noticed(small: Checkout) -> None:
    """The programs of an environment name its place, so that it is made anew elsewhere."""
    small.set_up("verification")
    small.root = small.root.rename(small.root.with_name("moved"))
    assert small.set_up("verification").startswith("Setting up verification\n")
    assert str(small.root) in (small.root / ".venv/bin/activate").read_text(encoding="utf-8")


def test_a_changed_lock_is_noticed(small: Checkout) -> None:
    """What a lock no longer names is gone, what it names anew is there."""
    small.set_up("verification")
    small.lock("verification", "beta")
    small.set_up("verification")
    assert small.installed() == {"beta"}


def test_another_python_is_noticed(small: Checkout) -> None:
    """An environment of another Python than the one that make finds is made anew."""
    small.set_up("verification")
    told = json.loads(small.stamp.read_text(encoding="utf-8"))
    small.stamp.write_text(json.dumps(told | {"python": "/usr 3.11.0"}), encoding="utf-8")
    assert small.set_up("verification").startswith("Setting up verification\n")


def test_dev_comes_on_top(small: Checkout) -> None:
    """`make test` adds to what `make static` installed, and takes nothing from it."""
    small.set_up("verification")
    small.set_up("dev")
    assert small.installed() == {"alpha", "beta"}
    assert small.set_up("verification", "dev") == ""


def test_a_link_is_replaced_not_followed(small: Checkout, tmp_path: Path) -> None:
    """A .venv that is a link to another's is left to the other."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "kept").touch()
    (small.root / ".venv").symlink_to(other)
    small.set_up("verification")
    assert [path.name for path in other.iterdir()] == ["kept"]
    assert small.installed() == {"alpha"}


@pytest.mark.parametrize(
    ("python", "says"),
    [("old", "(./old: Python 3.9.2)"), ("none", "(./none: "), ("3.11", None)],
)
def test_python_is_there_and_new_enough(python: str, says: str | None, small: Checkout) -> None:
    """`make` says in one sentence that it needs another Python, before anything is made."""
    for name, code in (("old", 1), ("3.11", 0)):
        answers = f'[ "$1" = --version ] && echo Python 3.9.2\n[ "$1" != -c ] || exit {code}'
        (small.root / name).write_text(f"#!/bin/sh\n{answers}\n", encoding="utf-8")
        (small.root / name).chmod(0o755)
    command = ["make", "static", f"PYTHON=./{python}"]
    done = subprocess.run(
        command, cwd=small.root, env=small.environ, capture_output=True, text=True
    )
    needs = "Python 3.11 or later is required: install it, or set PYTHON=. "
    assert ((needs + says) in done.stdout) if says else ("needed" not in done.stdout)
    assert "Traceback" not in done.stdout + done.stderr


def test_safe_path_does_not_hide_the_repository(small: Checkout) -> None:
    """`make` finds this repository's modules where PYTHONSAFEPATH keeps the folder off the path."""
    small.environ["PYTHONSAFEPATH"] = "1"
    command = ["make", "static", f"PYTHON={sys.executable}"]
    done = subprocess.run(
        command, cwd=small.root, env=small.environ, capture_output=True, text=True
    )
    assert "Set up in " in done.stdout, done.stdout + done.stderr
    assert small.installed() == {"alpha"}
