"""Commands of a set-up, which hold its lock for as long as they live."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

LOCKS = Path(__file__).resolve().parent
ROOT = LOCKS.parent
# Whoever installs packages inherits it: a next run waits for what a killed one left at work.
LOCK = os.open(LOCKS, os.O_RDONLY)
_NONE: Mapping[str, str] = {}


class SetUpError(Exception):
    """A command failed; the text is what it said last."""


class Stopped(Exception):
    """A command was ended by a signal, such as Ctrl-C: nothing else is to be tried."""


def run(*command: str | Path, variables: Mapping[str, str] = _NONE, locked: bool = True) -> str:
    """Run a command to its end and give what it printed.

    Args:
        command: the program and its arguments.
        variables: what to add to the environment.
        locked: whether it inherits the lock; nothing that starts services may.

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
        raise SetUpError(" ".join(lines[-3:]) or f"{command[0]} ended with {done.returncode}")
    return done.stdout
