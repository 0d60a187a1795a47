"""The AWS provider, started once for several Terraform commands, each of which takes a third less.

Terraform attaches to it by TF_REATTACH_PROVIDERS, which is made for debugging providers. It has one
configuration at a time: all the commands must be of one world, and none beside another.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.kit import TERRAFORM
from verification.engine.system import watchdog
from verification.engine.terraform.cli import GO
from verification.engine.terraform.installation import (
    PROVIDER,
    find_installation,
    locked_version,
    target,
)

ATTACH = "TF_REATTACH_PROVIDERS"
LOCK = TERRAFORM / "environments" / "dev" / ".terraform.lock.hcl"


@contextmanager
def running(environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Start a provider with this environment; gives the variables that attach Terraform to it.

    None where no mirror has it unpacked: Terraform then starts one for each command, as ever.
    """
    version = locked_version(LOCK)
    mirror = find_installation(os.environ, version).plugin_dir or Path(os.devnull)
    unpacked = mirror / PROVIDER / version / target()
    program = next(unpacked.glob("terraform-provider-aws*"), None)
    if program is None:
        yield {}
        return
    with subprocess.Popen(
        [program, "-debug"],
        env=dict(environ) | GO,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
    ) as process:
        watchdog.watch(process.pid)
        try:
            assert process.stdout is not None
            lines = (re.search(f"{ATTACH}='(.*)'", line) for line in process.stdout)
            yield {ATTACH: next(found[1] for found in lines if found)}
        finally:
            process.kill()
            process.wait()
            watchdog.forget(process.pid)
