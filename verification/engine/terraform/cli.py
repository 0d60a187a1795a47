"""Terraform on temporary copies, through tftest. The only module that imports tftest.

tftest provides the arguments, and the wrappers of plan and state. Its execution is overridden: it
treats only exit codes 1 and 11 as failures, has no timeout, and would run in the user's folder.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tftest

from verification.engine.errors import EnvironmentUnavailable, ToolError
from verification.engine.system.processes import CommandFailed, Processes
from verification.engine.terraform.diagnostics import (
    Diagnostic,
    as_known,
    changes,
    diagnostics,
    failure,
)
from verification.engine.terraform.installation import Installation

REPOSITORY = Path(__file__).resolve().parents[3]
# Timeouts in seconds, for hangs: on 2 cores a plan took 4 to 28, an apply 70; init may download.
TIMEOUTS = {"init": 1800, "apply": 1800, "destroy": 1800}
_TIMEOUT = 900
GO = {"GOGC": "400", "GOMEMLIMIT": "1GiB"}
"""The collector runs at five times what lives, not at twice: a plan costs 3.6 s of processor, not
4.7, and Terraform and provider take 0.8 GB, not 0.6 (Terraform 1.11.4, AWS provider 5.100.0)."""
# Of 104 on macOS and 108 on Linux, less the name of a provider's socket ("/plugin" and 10 digits).
_LONGEST_SOCKET_FOLDER = 86
# fmt -check says 3 when it would change a file, test says 1 when a run fails.
_ACCEPTED = {"fmt": frozenset({0, 3}), "test": frozenset({0, 1})}
# What the run's length depends on: applies and destroys mostly wait, but must not wait for others.
_URGENT = frozenset({"init", "apply", "destroy"})
# The user's state, and that of earlier runs, must not be copied.
_LEFT_OUT = shutil.ignore_patterns(
    ".terraform", "*.tfstate", "*.tfstate.*", "*.tfplan", "crash.log"
)
# The embedded AWS has no state bucket, and the state must be removed with the copy.
_LOCAL_BACKEND = 'terraform {\n  backend "local" {}\n}\n'
_STATE = "terraform.tfstate"
_LOCK_FILE = ".terraform.lock.hcl"
_INSTALLED = ".terraform/providers"
BACKEND_FILE = "zzz_verification_override.tf"
"""Overrides are merged in the order of their names: this one last."""
# How init says that a provider is not to be had ...
_UNAVAILABLE = ("Failed to query available provider packages", "Failed to install provider")
# ... and those that a mirror does not fix: the lock file has another version or other hashes.
_DISAGREEING = ("does not match configured version constraint", "checksums previously recorded")


@dataclass(frozen=True)
class Changes:
    """The result of a plan or an apply: warnings, and (action, address) of each planned change."""

    warnings: tuple[Diagnostic, ...]
    planned: tuple[tuple[str, str], ...]


class _Runner(tftest.TerraformTest):  # type: ignore[misc]
    """tftest's Terraform with other execution: timeouts, logs, isolation, failures as errors."""

    def __init__(self, terraform: Terraform, command: Sequence[str], processes: Processes) -> None:
        super().__init__(tfdir=str(terraform.directory), binary=command[0])
        self._terraform = terraform
        self._command = command
        self._processes = processes

    def execute_command(self, cmd: str, *cmd_args: str) -> tftest.TerraformCommandOutput:
        completed = self._processes.run(
            [*self._command, cmd, *cmd_args],
            name=f"terraform-{cmd}-{self._terraform.name}",
            directory=self._terraform.directory,
            environ=self._terraform.online if cmd == "init" else self._terraform.environ,
            timeout=TIMEOUTS.get(cmd, _TIMEOUT),
            accept=_ACCEPTED.get(cmd, frozenset({0})),
            background=cmd not in _URGENT,
        )
        return tftest.TerraformCommandOutput(completed.code, completed.out, completed.err)


class Terraform:
    """One root module, in a copy of the whole Terraform tree.

    Args:
        installation: Terraform, and the source of its provider.
        tree: the copy's folder; see `copy_tree`.
        environment: the root module's folder below `folder` in that copy.
        environ: the whole environment of each command.
        processes: runs the commands.
        name: what to call this copy in logs; defaults to the environment's name.
        online: the environment of init, which may have to reach a registry; defaults to `environ`.
        folder: `environments`, or where the tree has what else is run as a root module.
    """

    def __init__(
        self,
        installation: Installation,
        tree: Path,
        environment: str,
        environ: Mapping[str, str],
        processes: Processes,
        name: str = "",
        online: Mapping[str, str] | None = None,
        folder: str = "environments",
    ) -> None:
        self.tree = tree
        self.environment = environment
        self.name = name or environment
        self.directory = tree / folder / environment
        own = {"PYTHONPATH": str(REPOSITORY), "CHECKPOINT_DISABLE": "1"} | GO
        # Where a provider that is killed leaves its socket, whose path has a limit.
        if len(str(tree.parent)) <= _LONGEST_SOCKET_FOLDER:
            own["TMPDIR"] = str(tree.parent)
        if installation.cli_config:
            own["TF_CLI_CONFIG_FILE"] = str(installation.cli_config)
        self.environ = dict(environ) | own
        self.online = dict(environ if online is None else online) | own
        self._installation = installation
        self._processes = processes
        self._folder = folder
        self._runner = _Runner(self, installation.command, processes)

    def init(self) -> None:
        """Install provider and modules, without changing the lock file.

        Raises:
            EnvironmentUnavailable: the provider could not be installed.
            ToolError: any other error of init.
        """
        (self.directory / BACKEND_FILE).write_text(_LOCAL_BACKEND, encoding="utf-8")
        mirror = self._installation.plugin_dir
        arguments = tftest.parse_args(
            input=False, color=False, json_format=True, plugin_dir=str(mirror) if mirror else None
        )
        try:
            self._runner.execute_command("init", *arguments, "-lockfile=readonly")
        except CommandFailed as error:
            raise _init_failure(error, self.environment, self.directory) from error
        _forget_hashes(self.directory / _LOCK_FILE)

    def unformatted(self) -> list[str]:
        """The files that `terraform fmt` would change, with the user's paths."""
        arguments = ("-check", "-recursive", "-list=true", "-no-color", str(self.tree))
        listed = self._text("fmt", *arguments)
        return [as_known(line, self.directory) for line in listed.splitlines()]

    def plan(self, out: str = "plan.tfplan", **options: Any) -> Changes:
        """Plan into a file in the root module's folder; options are tftest's, such as
        `refresh=False`.

        Terraform validates first, so this includes the errors of `terraform validate`.
        """
        return self._changes("plan", *self._values(**options), f"-out={out}")

    def show(self, plan: str = "plan.tfplan") -> tftest.TerraformPlanOutput:
        """Read a saved plan as JSON."""
        return tftest.TerraformPlanOutput(self._json("show", "-json", plan))

    def apply(self, plan: str = "plan.tfplan") -> Changes:
        """Apply a saved plan."""
        return self._changes("apply", *self._arguments(auto_approve=True), plan)

    def destroy(self) -> Changes:
        """Destroy everything in the state without a refresh, because it is seconds old.

        A refresh took 4 s of 20 (AWS provider 5.100.0); remaining resources are searched anyway.
        """
        return self._changes("destroy", *self._values(auto_approve=True, refresh=False))

    def state(self) -> tftest.TerraformState:
        """Read the state."""
        # Not tftest's state_pull(), which does not report parse errors. No output is an empty
        # state.
        text = self._text("state", "pull")
        return tftest.TerraformState(self._parsed("state", text or '{"resources": []}'))

    def outputs(self) -> dict[str, Any]:
        """Read the root module's outputs, by name."""
        # Not tftest's output(name): Terraform 1.11 rejects its order of arguments.
        values = self._json("output", "-json")
        return {name: value["value"] for name, value in values.items()}

    def test(self) -> list[dict[str, Any]]:
        """Run the tests of a module; gives Terraform's messages."""
        return self._messages("test", *self._arguments())

    def get(self) -> None:
        """Install the modules that this one calls."""
        self._text("get", "-no-color")

    def module(self, path: Path, tree: Path, environ: Mapping[str, str]) -> Terraform:
        """A module of another copy, as a root module with the provider that this one installed.

        An init of its own would read the provider's 700 MB again.
        """
        parts = (str(path), environ, self._processes, "-".join(path.parts))
        made = Terraform(self._installation, tree, *parts, folder="modules")
        installed = made.directory / _INSTALLED
        installed.parent.mkdir()
        installed.symlink_to(self.directory / _INSTALLED)
        shutil.copyfile(self.directory / _LOCK_FILE, made.directory / _LOCK_FILE)
        return made

    def clone(self, into: Path, environ: Mapping[str, str], name: str) -> Terraform:
        """Copy tree, provider links and state, for a fork of the embedded AWS."""
        shutil.copytree(self.tree, into, symlinks=True)
        parts = (self.environment, environ, self._processes, name)
        return Terraform(self._installation, into, *parts, folder=self._folder)

    def adopt(self, other: Terraform) -> None:
        """Copy the state of another copy, if it has one."""
        if (state := other.directory / _STATE).exists():
            shutil.copyfile(state, self.directory / _STATE)

    def _arguments(self, **options: Any) -> list[str]:
        arguments: list[str] = tftest.parse_args(color=False, json_format=True, **options)
        return arguments

    def _values(self, **options: Any) -> list[str]:
        file = self.directory / f"{self.environment}.tfvars"
        return self._arguments(input=False, tf_var_file=str(file), **options)

    def _json(self, command: str, *arguments: str) -> dict[str, Any]:
        return self._parsed(command, self._text(command, *arguments))

    def _parsed(self, command: str, text: str) -> dict[str, Any]:
        try:
            parsed = json.loads(text)
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict):
            raise ToolError(
                f"terraform {command} ({self.name}) printed invalid JSON: {text[:200]!r}"
            )
        return parsed

    def _text(self, command: str, *arguments: str) -> str:
        try:
            out: str = self._runner.execute_command(command, *arguments).out
            return out
        except CommandFailed as error:
            raise failure(error, self.directory) from error

    def _messages(self, command: str, *arguments: str) -> list[dict[str, Any]]:
        lines = self._text(command, *arguments).splitlines()
        events = [self._parsed(command, line) for line in lines if line.startswith("{")]
        if not any(event.get("type") == "version" for event in events):
            raise ToolError(f"terraform {command} ({self.name}) printed nothing that can be read.")
        return events

    def _changes(self, command: str, *arguments: str) -> Changes:
        events = self._messages(command, *arguments)
        found = (event["diagnostic"] for event in events if event.get("type") == "diagnostic")
        # A plan validates first, and then prints some warnings again.
        warnings = dict.fromkeys(diagnostics(found, self.directory))
        return Changes(tuple(warnings), tuple(changes(events)))


def copy_tree(root: Path, into: Path) -> Path:
    """Copy a Terraform tree without state, plans and installed providers.

    Raises:
        EnvironmentUnavailable: the copy cannot be written, for example on a full disk.
    """
    try:
        return Path(shutil.copytree(root, into, ignore=_LEFT_OUT))
    except (OSError, shutil.Error) as error:
        raise EnvironmentUnavailable(f"{root} cannot be copied to {into}: {error}") from error


def _forget_hashes(lock_file: Path) -> None:
    """Remove the hashes from a copy's lock file, after init has compared them.

    With hashes each command reads the provider's 700 MB again (0.5 s of CPU time). Hashes are
    optional: https://developer.hashicorp.com/terraform/language/files/dependency-lock
    """
    if lock_file.exists():
        whole = lock_file.read_text(encoding="utf-8")
        lock_file.write_text(re.sub(r"\n\s*hashes\s*=\s*\[[^]]*\]", "", whole), encoding="utf-8")


def _init_failure(error: CommandFailed, environment: str, directory: Path) -> Exception:
    said = failure(error, directory)
    unavailable = any(summary in str(said) for summary in _UNAVAILABLE)
    if unavailable and not any(reason in str(said) for reason in _DISAGREEING):
        return EnvironmentUnavailable(
            f"the AWS provider locked by environments/{environment} could not be installed: allow "
            "access to the Terraform registry, or set TF_PLUGIN_MIRROR to a mirror folder "
            f"(made by `terraform providers mirror`). {said}"
        )
    return said
