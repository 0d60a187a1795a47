"""The base of a change, read with git without changing the user's repository or index."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from verification.engine.errors import EnvironmentUnavailable, ToolError

_TIMEOUT = 120
# Git hooks set these; they would direct git to another repository or index.
_LEADING = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX")


class BaseError(ToolError):
    """The value of --base is not usable."""


@dataclass(frozen=True)
class Base:
    """The merge base of HEAD and `ref`: what is deployed when the change is applied.

    `terraform` is the path of Terraform's folder in the repository.
    """

    repository: Path
    ref: str
    commit: str
    terraform: Path

    def __str__(self) -> str:
        """The base in messages."""
        return f"{self.commit[:10]}, the merge base of HEAD and {self.ref}"


def find_base(root: Path, ref: str) -> Base:
    """Find the merge base of HEAD and a ref, in the repository of Terraform's folder.

    Raises:
        BaseError: the folder is not in a repository, there is no such commit, or no merge base.
        EnvironmentUnavailable: there is no git, or the clone is too shallow.
    """
    if not root.is_dir():
        raise BaseError(f"{root}: no such folder. Correct --terraform-root.")
    top = _git(root, "rev-parse", "--show-toplevel")
    if top.returncode:
        said = (top.stderr.strip() or "no reason given").splitlines()[0]
        raise BaseError(
            f"--base {ref}: {root} is not in a readable git repository ({said}). "
            "Run this in a clone."
        )
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if commit.returncode:
        raise BaseError(
            f"--base {ref}: no such commit. Fetch it with `git fetch origin`, "
            "or use another branch, tag or commit."
        )
    shared = _git(root, "merge-base", "HEAD", commit.stdout.strip())
    if shared.returncode:
        raise _parted(root, ref)
    prefix = _git(root, "rev-parse", "--show-prefix").stdout.strip()
    return Base(Path(top.stdout.strip()), ref, shared.stdout.strip(), Path(prefix))


def export(base: Base, into: Path) -> Path:
    """Write the base's files into a new folder; returns Terraform's folder in it.

    Raises:
        ToolError: the base has no such folder, or git fails.
    """
    into.mkdir(parents=True)
    # With a separate index, so that the user's index and list of worktrees do not change.
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        for arguments in (
            ("read-tree", base.commit),
            ("checkout-index", "--all", "--quiet", f"--prefix={into}/"),
        ):
            done = _git(base.repository, *arguments, environ=index)
            if done.returncode:
                raise ToolError(f"git {arguments[0]} of {base} failed: {done.stderr.strip()}")
    root = into / base.terraform
    if not root.is_dir():
        raise ToolError(
            f"{base}, has no {base.terraform}/, so nothing was applied from it. Use another --base."
        )
    return root


def _parted(root: Path, ref: str) -> Exception:
    if _git(root, "rev-parse", "--is-shallow-repository").stdout.strip() == "true":
        return EnvironmentUnavailable(
            f"--base {ref}: the history is too short to find the merge base. "
            "Fetch it with `git fetch --unshallow`."
        )
    return BaseError(f"--base {ref}: it has no commit in common with HEAD. Use another ref.")


def _git(
    folder: Path, *arguments: str, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    held = {name: value for name, value in os.environ.items() if name not in _LEADING}
    try:
        return subprocess.run(
            ["git", "-C", str(folder), *arguments],
            env=held | {"LC_ALL": "C"} | dict(environ or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except FileNotFoundError as error:
        raise EnvironmentUnavailable(
            "--base requires git, which is not on PATH: install it."
        ) from error
    except subprocess.TimeoutExpired as error:
        raise ToolError(f"git {arguments[0]} did not end within {_TIMEOUT} s.") from error
