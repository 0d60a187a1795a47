"""The locks are those of pyproject.toml, and the project that it describes can be built."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from requirements.environments import UV
from tests.kit import REPOSITORY

SAID = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = SAID["project"]
EXTRAS = PROJECT["optional-dependencies"]
# What each lock is made from.
LOCKED = {
    "backend": PROJECT["dependencies"],
    "verification": PROJECT["dependencies"] + EXTRAS["verification"],
    "dev": PROJECT["dependencies"] + EXTRAS["verification"] + EXTRAS["dev"],
    **SAID["dependency-groups"],
}
PIN = re.compile(r"^([\w.-]+)(?:\[[\w,]+\])?==([^ ]+) [^#]*((?:^ +#.*\n)+)", re.MULTILINE)
ASKED_FOR = f"{PROJECT['name']} (pyproject.toml"


def lock(name: str, reason: str = "") -> set[tuple[str, str]]:
    """The packages of a lock with their versions: all, or those that are there for a reason."""
    text = (REPOSITORY / f"requirements/{name}.txt").read_text(encoding="utf-8")
    return {(package, version) for package, version, why in PIN.findall(text) if reason in why}


@pytest.mark.parametrize("name", LOCKED)
def test_a_lock_has_what_is_needed(name: str) -> None:
    """No more than pyproject.toml says, no less, and in a version that it allows."""
    lines = [line for line in LOCKED[name] if PROJECT["name"] not in line]
    wanted = {str(canonicalize_name(r.name)): r.specifier for r in map(Requirement, lines)}
    locked = lock(name, ASKED_FOR)
    assert {package for package, _ in locked} == wanted.keys()
    assert [(p, version) for p, version in locked if version not in wanted[p]] == []


def test_every_lock_is_of_the_project() -> None:
    """No lock is left of something that pyproject.toml no longer has."""
    assert {path.stem for path in (REPOSITORY / "requirements").glob("*.txt")} == set(LOCKED)


@pytest.mark.parametrize(("less", "more"), [("backend", "verification"), ("verification", "dev")])
def test_a_larger_environment_has_the_same_versions(less: str, more: str) -> None:
    """A developer's environment, and the image, run the very versions of everybody else's."""
    assert lock(less) < lock(more)


def test_checkov_is_never_beside_python_hcl2() -> None:
    """Both bring a package `hcl2`: whichever came last would break the other."""
    readers = {"bc-python-hcl2", "python-hcl2"}
    found = {name: readers & dict(lock(name)).keys() for name in LOCKED}
    assert (found["checkov"], found["dev"]) == ({"bc-python-hcl2"}, {"python-hcl2"})
    assert all(len(both) <= 1 for both in found.values())


def test_it_can_be_built(tmp_path: Path) -> None:
    """Without a network, into a wheel with the code, what that reads, and its types."""
    options = ["--quiet", "--offline", "--wheel", "--no-build-isolation"]
    places = ["--python", sys.executable, "--out-dir", str(tmp_path), str(REPOSITORY)]
    subprocess.run([UV.folder / "bin/uv", "build", *options, *places], check=True)
    [wheel] = tmp_path.glob("*.whl")
    code = ["git", "ls-files", "verification", "backend"]
    tracked = set(subprocess.check_output(code, cwd=REPOSITORY, text=True).split())
    assert {"verification/py.typed", "backend/py.typed"} <= tracked
    assert tracked <= set(zipfile.ZipFile(wheel).namelist())
