"""`make bench`: the three rungs against the bare Terraform sequence, in one run on one machine.

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

LIMIT = 1.15
RUNGS = ("verification/static", "verification/plan", "verification/sandbox")


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


def main() -> int:
    """Measure both, print the ratio, and say whether it is within the limit."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        steps = bare(folder)
        started = time.monotonic()
        outcome = verify(folder / "reports", *RUNGS, timeout=900)
        ladder = time.monotonic() - started
    if outcome.code:
        print(outcome.output)
        return outcome.code
    total = sum(steps.values())
    print("bare:  ", ", ".join(f"{name} {spent:.1f} s" for name, spent in steps.items()))
    for step in outcome.results["steps"]:
        print(f"  {step['name']:24} {step['seconds']:6.1f} s")
    print(f"bare {total:.1f} s, three rungs {ladder:.1f} s: {ladder / total:.2f} times", end=" ")
    print(f"(limit {LIMIT})")
    return int(ladder / total > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
