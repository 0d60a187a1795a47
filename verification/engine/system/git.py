"""The commit that a change starts from, read with git, which touches nothing of the user's."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from verification.engine.errors import EnvironmentUnavailable, ToolError

_TIMEOUT = 120
# A hook's shell holds these: they would lead git to another repository, or to the user's index.
_LEADING = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX")


class BaseError(ToolError):
    """What was named as the base cannot be one."""


@dataclass(frozen=True)
class Base:
    """The merge base of HEAD and `ref`: what is deployed when a change comes to be applied.

    `terraform` is the place of Terraform's folder in the repository, as it is now.
    """

    repository: Path
    ref: str
    commit: str
    terraform: Path

    def __str__(self) -> str:
        """As a sentence names it."""
        return f"{self.commit[:10]}, the merge base of HEAD and {self.ref}"


def find_base(root: Path, ref: str) -> Base:
    """Find where the history of Terraform's folder and a ref part.

    Raises:
        BaseError: the folder is in no repository, there is no such commit, or the two share none.
        EnvironmentUnavailable: there is no git, or the history here is too short.
    """
    if not root.is_dir():
        raise BaseError(f"{root}: no such folder. Name Terraform's folder with --terraform-root.")
    top = _git(root, "rev-parse", "--show-toplevel")
    if top.returncode:
        said = (top.stderr.strip() or "no reason given").splitlines()[0]
        raise BaseError(
            f"--base {ref}: {root} is in no git repository that can be read ({said}). "
            "Run this in a clone."
        )
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if commit.returncode:
        raise BaseError(
            f"--base {ref}: there is no such commit here. Fetch it with `git fetch origin`, "
            "or name another branch, tag or commit."
        )
    shared = _git(root, "merge-base", "HEAD", commit.stdout.strip())
    if shared.returncode:
        raise _parted(root, ref)
    prefix = _git(root, "rev-parse", "--show-prefix").stdout.strip()
    return Base(Path(top.stdout.strip()), ref, shared.stdout.strip(), Path(prefix))


def export(base: Base, into: Path) -> Path:
    """Write the base's files into a new folder; gives Terraform's folder in it.

    Raises:
        ToolError: the base has no such folder, or git cannot write the files.
    """
    into.mkdir(parents=True)
    # Through an index of our own: no worktree is listed, and the user's index stays as it is.
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
            f"{base}, has no {base.terraform}/: nothing was ever applied from it. "
            "Name a --base that has."
        )
    return root


def _parted(root: Path, ref: str) -> Exception:
    if _git(root, "rev-parse", "--is-shallow-repository").stdout.strip() == "true":
        return EnvironmentUnavailable(
            f"--base {ref}: the history here is too short to find the merge base. "
            "Fetch all of it with `git fetch --unshallow`."
        )
    return BaseError(f"--base {ref}: it shares no commit with HEAD. Name another.")


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
            "--base needs git, which is not on PATH: install it."
        ) from error
    except subprocess.TimeoutExpired as error:
        raise ToolError(f"git {arguments[0]} did not end within {_TIMEOUT} s.") from error
