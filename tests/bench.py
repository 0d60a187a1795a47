"""`make bench`: the ladder against the bare Terraform sequence, in one run on one machine.

The bare sequence is what an engineer would type: init, apply, plan and destroy of dev, on the same
emulator. Prints seconds and the ratio; ends non-zero above the limit.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.kit import REPOSITORY, copy_terraform, verify
from verification.engine.embedded_aws import EmbeddedAws
from verification.engine.installation import find_installation, locked_version

# How many times the bare sequence each part of the ladder may take.
THREE = ("verification/static", "verification/plan", "verification/sandbox")
LIMITS: dict[tuple[str, ...], float] = {THREE: 1.15, (*THREE, "verification/smoke"): 1.5}


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
    outcome = verify(folder / f"{len(rungs)}-rungs", *rungs, timeout=900)
    spent = time.monotonic() - started
    if outcome.code:
        print(outcome.output)
        raise SystemExit(outcome.code)
    for step in outcome.results["steps"]:
        print(f"  {step['name']:28} {step['seconds']:6.1f} s")
    return spent


def main() -> int:
    """Measure all, print the ratios, and say whether they are within the limits."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        steps = bare(folder)
        total = sum(steps.values())
        print("bare:", ", ".join(f"{name} {spent:.1f} s" for name, spent in steps.items()))
        within = True
        for rungs, limit in LIMITS.items():
            spent = ladder(rungs, folder)
            within &= spent <= limit * total
            said = f"bare {total:.1f} s, {len(rungs)} rungs {spent:.1f} s"
            print(f"{said}: {spent / total:.2f} times (limit {limit})")
    return int(not within)


if __name__ == "__main__":
    sys.exit(main())
