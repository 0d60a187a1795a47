"""`make bench`: the ladder against the bare Terraform sequence, in one run on one machine.

The bare sequence is what an engineer would type: init, apply, plan and destroy of dev, on the same
emulator. Prints when each step of the ladder ran, and how many times the bare sequence it takes:
once for the rungs that only plan and apply, once for all. Ends non-zero above a limit.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.kit import REPOSITORY, copy_terraform, verify
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.terraform.installation import find_installation, locked_version
from verification.model.criteria import RUNGS

# How many times the bare sequence each part of the ladder may take.
LIMITS = {("static", "plan", "sandbox"): 1.15, RUNGS[:-1]: 1.5}
# Seconds; also on a machine that does other things at the same time.
TIMEOUT = 1200


def bare(folder: Path) -> dict[str, float]:
    """Seconds of each command of the bare sequence."""
    root = copy_terraform(folder) / "environments" / "dev"
    installation = find_installation(os.environ, locked_version(root / ".terraform.lock.hcl"))
    mirror = [f"-plugin-dir={installation.plugin_dir}"] if installation.plugin_dir else []
    (root / "local_override.tf").write_text('terraform {\n  backend "local" {}\n}\n', "utf-8")
    commands = {
        "init": ["init", "-input=false", *mirror],
        "apply": ["apply", "-auto-approve", "-var-file=dev.tfvars"],
        "plan": ["plan", "-var-file=dev.tfvars"],
        "destroy": ["destroy", "-auto-approve", "-var-file=dev.tfvars"],
    }
    seconds = {}
    with EmbeddedAws.start() as world:
        environ = world.sealed(os.environ, folder) | {"PYTHONPATH": str(REPOSITORY)}
        for name, arguments in commands.items():
            started = time.monotonic()
            command = [*installation.command, *arguments]
            subprocess.run(command, cwd=root, env=environ, check=True, stdout=subprocess.DEVNULL)
            seconds[name] = time.monotonic() - started
    return seconds


def ladder(rungs: tuple[str, ...], folder: Path) -> float:
    """Seconds that some rungs take; prints where they go. SystemExit if a criterion fails."""
    started = time.monotonic()
    folders = [f"verification/{rung}" for rung in rungs]
    outcome = verify(folder / f"{len(rungs)}-rungs", *folders, timeout=TIMEOUT)
    spent = time.monotonic() - started
    if outcome.code:
        print(outcome.output)
        raise SystemExit(outcome.code)
    print(f"{', '.join(rungs)}: each step from when, how long, and what")
    for step in outcome.results["steps"]:
        print(f"  {step['offset']:6.1f} s  {step['seconds']:6.1f} s  {step['name']}")
    return spent


def main() -> int:
    """Measure all, print the ratios, and say whether they are within the limits."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        steps = bare(folder)
        total = sum(steps.values())
        each = ", ".join(f"{name} {spent:.1f} s" for name, spent in steps.items())
        print(f"bare: {total:.1f} s; {each}", flush=True)
        within = True
        for rungs, limit in LIMITS.items():
            spent = ladder(rungs, folder)
            within &= spent <= limit * total
            said = f"{spent:.1f} s are {spent / total:.2f} times the bare {total:.1f} s"
            print(f"{', '.join(rungs)}: {said} (limit {limit})", flush=True)
    return int(not within)


if __name__ == "__main__":
    sys.exit(main())
