"""What the policy rung costs against the bare checkov commands that it stands for.

`make bench` runs it. It takes turns: the commands that an engineer would type (checkov over the
source, checkov over the plans), and the rung from the plans on. Prints seconds and processor
seconds, and ends non-zero if the rung takes more than its limit.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.kit import REPOSITORY, TERRAFORM
from verification.engine.checkov import PYTHON
from verification.engine.run.run import Run
from verification.engine.rungs import plan, policy
from verification.model.contract import load_contract

# How many times the bare commands the rung may take.
LIMIT = 1.1
ROUNDS = 3


def bare(run: Run, plans: dict[str, Path]) -> None:
    """Checkov once over the source and once over the plans, with our policies."""
    common = [str(PYTHON.with_name("checkov")), "--skip-download", "--output", "json"]
    for name in ("python", "yaml"):
        common += ["--external-checks-dir", str(run.policies / name)]
    source = ["--framework", "terraform", "--directory", str(run.root)]
    planned = ["--framework", "terraform_plan"]
    for path in plans.values():
        planned += ["--file", str(path)]
    environ = {"HOME": str(run.get(plan.workspace)), "PATH": os.environ["PATH"]}
    for arguments in (source, planned):
        command = [*common, *arguments]
        done = subprocess.run(command, env=environ, capture_output=True, text=True)
        assert '"passed_checks"' in done.stdout, done.stderr


def measured(function: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the clock and of processors."""
    started, before = time.monotonic(), _processor_seconds()
    function()
    return time.monotonic() - started, _processor_seconds() - before


def _processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def one_round(folder: Path) -> tuple[tuple[float, float], tuple[float, float]]:
    """Plan, and measure both: the bare commands, and the rung."""
    contract = load_contract(REPOSITORY / "verification" / "contract.toml")
    run = Run(TERRAFORM, contract, folder / "reports", os.environ)
    try:
        plans = {name: folder / f"{name}.json" for name in contract.environments}
        for name, path in plans.items():
            path.write_text(json.dumps(dict(run.get(plan.shown, name))), encoding="utf-8")
        return measured(lambda: bare(run, plans)), measured(lambda: run.get(policy.policies))
    finally:
        run.close()


def main() -> int:
    """Measure, print the medians, and say whether the rung is within its limit."""
    rounds = []
    for number in range(ROUNDS):
        with tempfile.TemporaryDirectory() as name:
            rounds.append(one_round(Path(name)))
        (bare, _), (rungs, _) = rounds[-1]
        print(f"round {number + 1}: {bare:.1f} s bare, {rungs:.1f} s rung", flush=True)
    within = True
    for index, what in enumerate(("seconds", "processor seconds")):
        commands, rung = (median(one[side][index] for one in rounds) for side in (0, 1))
        within &= rung <= LIMIT * commands
        said = f"bare {commands:.1f}, rung {rung:.1f}: {rung / commands:.2f} times"
        print(f"{what}: {said} (limit {LIMIT})")
    return int(not within)


if __name__ == "__main__":
    sys.exit(main())
