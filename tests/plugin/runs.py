"""Runs of the suite that are watched from outside while they work."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.kit import PYTEST, REPOSITORY, wait_for
from verification.engine.aws.emulator.launch import MODULE, alive

ONE_PLAN = ("verification/plan", "--environment", "dev", "-k", "tables", "--partial")


@dataclass
class Watched:
    """A run with a folder for its temporary files, by which its processes are known.

    Args:
        folder: where its reports and its output go.
        options: of pytest.
    """

    folder: Path
    options: Sequence[str] = ONE_PLAN

    @cached_property
    def temporary(self) -> Path:
        """What it has for /tmp; short, as the sockets of providers must lie there."""
        return Path(tempfile.mkdtemp(prefix="watched-"))

    @property
    def arguments(self) -> list[str]:
        """The options, with its own reports."""
        return [*self.options, "--reports", str(self.folder / "reports")]

    @property
    def variables(self) -> dict[str, str]:
        """Its whole environment."""
        return {**os.environ, "TMPDIR": str(self.temporary)}

    @property
    def output(self) -> str:
        """What it printed so far."""
        return (self.folder / "output").read_text(encoding="utf-8")

    @property
    def document(self) -> dict[str, Any]:
        """Its verification.json."""
        text = (self.folder / "reports" / "verification.json").read_text(encoding="utf-8")
        return dict(json.loads(text))

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start it, as pytest or by another command."""
        with (self.folder / "output").open("ab") as output:
            return subprocess.Popen(
                command or (*PYTEST, *self.arguments),
                cwd=REPOSITORY,
                env=self.variables,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def await_plan(self) -> None:
        """Wait until Terraform and a provider of it are at work."""
        wait_for(self.plans)

    def plans(self) -> bool:
        """Whether Terraform plans, with a provider at work."""
        # The log first: to look at every process of the machine takes long.
        planning = any((self.folder / "reports" / "logs").glob("terraform-plan-*.out"))
        return planning and any("terraform-provider-aws" in line for _, line in self.processes())

    def emulator(self) -> int:
        """The process of its embedded AWS."""
        return next(pid for pid, command in self.processes() if MODULE in command)

    def processes(self) -> Iterator[tuple[int, str]]:
        """Those that live, with their commands."""
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                ours = str(self.temporary).encode() in (entry / "environ").read_bytes()
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if ours and alive(int(entry.name)):
                yield int(entry.name), command

    def await_nothing(self) -> None:
        """Wait until no process is left."""
        wait_for(lambda: not list(self.processes()))

    def left(self) -> list[str]:
        """What lies in its folder for temporary files."""
        return sorted(path.name for path in self.temporary.iterdir())
