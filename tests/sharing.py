"""What is made once for many tests: an AWS to fork, a provider, what a job gave another run."""

from __future__ import annotations

import os
from pathlib import Path
from shutil import copy, copytree

from tests.kit import HANG
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.run.registry import Job, P, T
from verification.engine.run.run import POLICIES, Run
from verification.engine.rungs.plan import copied, initialised, installation, world
from verification.engine.terraform.cli import BACKEND_FILE, Terraform
from verification.model.contract import Contract


def run_in(
    aws: EmbeddedAws, root: Path, contract: Contract, reports: Path, policies: Path = POLICIES
) -> Run:
    """A run in a fork of an AWS that is there, instead of one that it would start."""
    run = Run(root, contract, reports, os.environ, policies)

    def fork() -> EmbeddedAws:
        forked = aws.fork()
        run.worlds.append(forked)
        run.at_end(forked.stop)
        return forked

    run.schedule.start(world.name, "", fork)
    return run


def lend(lender: Run, run: Run, job: Job[P, T], *args: P.args, **named: P.kwargs) -> None:
    """Let a run have what a job gave another run, whose it stays."""
    argument = "".join(map(str, (*args, *named.values())))
    run.schedule.start(job.name, argument, lambda: lender.get(job, *args, **named))


def install(other: Run, run: Run, name: str, theirs: str = "") -> None:
    """Let an environment have the provider that an init installed for another run, or for another
    environment: modules are found in a moment, an init takes a second of processor."""

    def installed() -> Terraform:
        given, mine = other.get(initialised, theirs or name), run.get(copied, name)
        copytree(given.directory / ".terraform", mine.directory / ".terraform", symlinks=True)
        for file in (".terraform.lock.hcl", BACKEND_FILE):
            copy(given.directory / file, mine.directory / file)
        run.processes.run(
            [*run.get(installation).command, "get"],
            name=f"terraform-get-{name}",
            directory=mine.directory,
            environ=mine.environ,
            timeout=HANG,
        )
        mine.environ |= run.get(world).environment()
        return mine

    run.schedule.start(initialised.name, name, installed)
