"""The base of a change: found and exported from a clone, of which nothing is touched."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from verification.engine.errors import EnvironmentUnavailable, ToolError
from verification.engine.system.git import BaseError, export, find_base

pytestmark = pytest.mark.slow


def git(folder: Path, *arguments: str) -> str:
    """Run git as nobody in particular; gives what it printed."""
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]
    done = subprocess.run(
        ["git", *who, *arguments],
        cwd=folder,
        env=os.environ | own,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def commit(folder: Path, file: str, text: str) -> str:
    """Commit one file with a text; gives the commit."""
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", text)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository with a commit on main, one more there, and another on the branch checked out."""
    folder = tmp_path / "clone"
    folder.mkdir()
    git(folder, "init", "--quiet")
    commit(folder, "infra/terraform/main.tf", "# base")
    git(folder, "branch", "change")
    commit(folder, "infra/terraform/main.tf", "# later on main")
    git(folder, "checkout", "--quiet", "change")
    commit(folder, "infra/terraform/main.tf", "# changed")
    return folder


def test_base_is_where_the_branches_part(clone: Path, tmp_path: Path) -> None:
    """What is exported is the merge base, neither the tip of main nor what is on disk."""
    base = find_base(clone / "infra" / "terraform", "main")
    root = export(base, tmp_path / "base")
    assert root == tmp_path / "base" / "infra" / "terraform"
    assert (root / "main.tf").read_text(encoding="utf-8") == "# base"
    assert str(base).endswith(", the merge base of HEAD and main")


def test_nothing_of_the_users_is_touched(clone: Path, tmp_path: Path) -> None:
    """Edits, staged and not, stay what they are, and no worktree is listed."""
    (clone / "staged").write_text("staged", encoding="utf-8")
    git(clone, "add", "staged")
    (clone / "infra" / "terraform" / "main.tf").write_text("# edited", encoding="utf-8")
    index = (clone / ".git" / "index").read_bytes()
    export(find_base(clone / "infra" / "terraform", "main"), tmp_path / "base")
    assert (clone / ".git" / "index").read_bytes() == index
    assert git(clone, "diff", "--name-only") == "infra/terraform/main.tf"
    assert git(clone, "diff", "--name-only", "--cached") == "staged"
    assert len(git(clone, "worktree", "list").splitlines()) == 1


def test_hooks_variables_do_not_mislead(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a hook's shell, which names another repository, the folder's own is read."""
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "another"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    assert find_base(clone / "infra" / "terraform", "main").repository == clone


@pytest.mark.parametrize("ref", ["no-such-branch", "--all", "main..change", ""])
def test_unknown_ref_is_named(clone: Path, ref: str) -> None:
    """What is no commit here is named, with what to do."""
    with pytest.raises(BaseError, match=r"--base .*: no such commit\. Fetch it"):
        find_base(clone, ref)


def test_folder_without_a_repository_is_named(tmp_path: Path) -> None:
    """Outside a clone there is nothing to compare with."""
    with pytest.raises(BaseError, match="is not in a readable git repository"):
        find_base(tmp_path, "main")


def test_missing_folder_is_named(tmp_path: Path) -> None:
    """A mistyped folder is told as on every rung."""
    with pytest.raises(BaseError, match="Correct --terraform-root"):
        find_base(tmp_path / "nowhere", "main")


def test_history_without_a_common_commit_is_named(clone: Path) -> None:
    """Two histories that never met have no merge base."""
    git(clone, "checkout", "--quiet", "--orphan", "other")
    commit(clone, "file", "other")
    with pytest.raises(BaseError, match="--base main: it has no commit in common with HEAD"):
        find_base(clone, "main")


def test_shallow_clone_says_how_to_deepen_it(clone: Path, tmp_path: Path) -> None:
    """A clone of one commit only lacks something, and names the remedy."""
    shallow = tmp_path / "shallow"
    options = ["--quiet", "--depth=1", "--no-single-branch", "--branch=change"]
    git(tmp_path, "clone", *options, f"file://{clone}", str(shallow))
    with pytest.raises(EnvironmentUnavailable, match="git fetch --unshallow"):
        find_base(shallow, "origin/main")


def test_missing_git_is_told(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git on PATH the message says what to install."""
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EnvironmentUnavailable, match="--base requires git"):
        find_base(clone, "main")


def test_base_without_the_folder_is_named(clone: Path, tmp_path: Path) -> None:
    """From a base that did not have Terraform's folder yet, nothing was ever applied."""
    (clone / "new" / "terraform").mkdir(parents=True)
    base = find_base(clone / "new" / "terraform", "main")
    with pytest.raises(ToolError, match="has no new/terraform/, so nothing was applied from it"):
        export(base, tmp_path / "base")
