"""Commands of a set-up, which hold its lock while they run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

LOCKS = Path(__file__).resolve().parent
ROOT = LOCKS.parent
# Package installers inherit it, so the next run waits for those of a killed one.
LOCK = os.open(LOCKS, os.O_RDONLY)
_NONE: Mapping[str, str] = {}


class SetUpError(Exception):
    """A command failed; the text is the end of its output."""


class Stopped(Exception):
    """A command was ended by a signal, such as Ctrl-C; nothing else is tried."""


def run(*command: str | Path, variables: Mapping[str, str] = _NONE, locked: bool = True) -> str:
    """Run a command to its end and return its output.

    Args:
        command: the program and its arguments.
        variables: additional environment variables.
        locked: whether it inherits the lock; must be False for commands that start services.

    Raises:
        SetUpError: it failed.
        Stopped: it was ended by a signal.
    """
    done = subprocess.run(
        command,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        pass_fds=(LOCK,) if locked else (),
    )
    if done.returncode < 0 or done.returncode == 130:
        raise Stopped(f"{Path(command[0]).name} was stopped.")
    if done.returncode:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        raise SetUpError(
            " ".join(lines[-3:]) or f"{command[0]} failed with exit code {done.returncode}"
        )
    return done.stdout
