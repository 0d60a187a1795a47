"""The runbooks, and the shell in which an operator would follow them."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from shutil import copytree
from textwrap import dedent

from tests.kit import HANG, REPOSITORY
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.system.processes import Processes
from verification.engine.terraform.cli import GO, copy_tree
from verification.engine.terraform.installation import (
    Installation,
    find_installation,
    locked_version,
    network,
)

ENVIRONMENT = "prod"
ROOT = f"terraform/environments/{ENVIRONMENT}"
LOCK = REPOSITORY / ROOT / ".terraform.lock.hcl"
# What Terraform's and AWS's command line say when something is wrong, or left to do.
_CODES = frozenset({0, 1, 2, 252, 253, 254, 255})
# An operator's, but for the provider: init installs it, and what comes then finds it running.
TERRAFORM = """#!/bin/sh
case " $* " in *" init "*) unset TF_REATTACH_PROVIDERS ;; esac
exec {command} "$@"
"""
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def runbooks() -> str:
    """All of them, the one first with what every shell begins with."""
    paths = sorted((REPOSITORY / "docs" / "runbooks").glob("*.md"))
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def fences() -> list[tuple[str, str]]:
    """What follows the fence of every block of the runbooks, and the block."""
    found = re.findall(r"^( *)```(.*)\n((?:.*\n)*?)\1```$", runbooks(), re.M)
    return [(info, dedent(text)) for _, info, text in found]


def blocks() -> dict[str, str]:
    """The commands of the runbooks, by the block's title."""
    return {info.removeprefix("bash "): text for info, text in fences()}


class Shell:
    """A shell in a working copy of the repository, tied to one embedded AWS.

    Variables and functions live on from one block to the next, as they do in an operator's shell.

    Args:
        folder: the working copy and the shell's own files are here; see `working_copy`.
        world: the AWS.
        provider: variables that attach Terraform to a provider of this world.
    """

    def __init__(self, folder: Path, world: EmbeddedAws, provider: Mapping[str, str]) -> None:
        self.folder, self.tree = folder, folder / "tree"
        self._installation = find_installation(os.environ, locked_version(LOCK))
        tools = _tools(folder, self._installation)
        self._environ = world.sealed(os.environ, folder) | tools | dict(provider)
        self._processes = Processes(folder / "logs")
        self.run("shell")

    def run(self, title: str, code: int = 0) -> str:
        """Run a block of the runbooks, which must end with this code; gives what it printed."""
        assert title in blocks(), f"the runbooks have no block {title}"
        return self.command(blocks()[title], code)

    def command(self, text: str, code: int = 0) -> str:
        """Run an operator's own commands, to the first that fails; the last one's code counts."""
        kept = self.folder / "variables"
        before = f". {shlex.quote(str(kept))}\n" if kept.exists() else ""
        after = f"_code=$?; {{ export -p; declare -f; }} > {shlex.quote(str(kept))}; exit $_code"
        done = self._processes.run(
            ["bash", "-c", f"set -aeu -o pipefail\n{before}{text}\n{after}"],
            name="runbook",
            directory=self.tree,
            environ=self._online(text),
            timeout=3 * HANG,
            accept=_CODES,
        )
        assert done.code == code, f"ended with {done.code}: {text}\n{done.out}\n{done.err}"
        return done.out + done.err

    def _online(self, text: str) -> dict[str, str]:
        """The environment; where no mirror has the provider, `init` may fetch it."""
        if self._installation.plugin_dir or " init " not in text:
            return self._environ
        unsealed = {k: v for k, v in self._environ.items() if k.lower() not in _PROXIES}
        return unsealed | network(os.environ, self._installation)


def working_copy(folder: Path, aws: str) -> Path:
    """A clone as an operator has it: Terraform to change, the rest by reference.

    Args:
        folder: where it lies.
        aws: the program that is AWS's command line.
    """
    tree = folder / "tree"
    tree.mkdir()
    copy_tree(REPOSITORY / "terraform", tree / "terraform")
    (tree / "backend").symlink_to(REPOSITORY / "backend")
    (tree / ".venv").symlink_to(sys.prefix)
    (folder / "bin").mkdir()
    _write_program(folder / "bin" / "aws", aws)
    return folder


def another(copy: Path, into: Path) -> Path:
    """A second working copy, in the state of the first."""
    for name in ("tree", "bin"):
        copytree(copy / name, into / name, symlinks=True)
    return into


def _tools(folder: Path, installation: Installation) -> dict[str, str]:
    """The operator's machine: Terraform as found, AWS's command line as locked, and git."""
    command = shlex.join(installation.command)
    _write_program(folder / "bin" / "terraform", TERRAFORM.format(command=command))
    programs = [str(folder / "bin"), f"{sys.prefix}/bin", os.environ["PATH"]]
    tools = {
        "ENVIRONMENT": ENVIRONMENT,
        "PATH": os.pathsep.join(programs),
        "PYTHONPATH": str(REPOSITORY),
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_ARGS": "-no-color",
        "TF_INPUT": "0",
        # What AWS does not do at once it does when it is asked again.
        "TRIES": "3",
        "PAUSE": "0",
    } | GO
    if installation.plugin_dir:
        tools["TF_CLI_ARGS_init"] = f"-plugin-dir={installation.plugin_dir}"
    if installation.cli_config:
        tools["TF_CLI_CONFIG_FILE"] = str(installation.cli_config)
    return tools


def _write_program(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
