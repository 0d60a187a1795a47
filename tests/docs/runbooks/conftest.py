"""The first deployment, on which all other runbooks are followed, each in a fork of its world."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.docs.runbooks import aws_cli
from tests.docs.runbooks.kit import COMMIT, First, Operator, stage_of
from tests.docs.runbooks.shell import ROOT, Shell, another, working_copy
from tests.provider import running
from verification.engine.aws.emulator import EmbeddedAws


@pytest.fixture(scope="package")
def aws() -> Iterator[str]:
    """AWS's command line, for every shell."""
    with (
        TemporaryDirectory() as folder,
        aws_cli.serving(Path(folder) / "aws") as path,
    ):
        yield aws_cli.command(path)


@pytest.fixture(scope="package")
def first(
    empty_aws: EmbeddedAws, aws: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[First]:
    """The runbook of the first deployment, followed to its end."""
    folder = working_copy(tmp_path_factory.mktemp("first"), aws)
    with empty_aws.fork() as world, running(world.sealed(os.environ, folder)) as provider:
        world.enforce()
        shell = Shell(folder, world, provider)
        shell.command(f"git init --quiet && git add terraform && {COMMIT} --message first")
        said = {
            "state-bucket": shell.run("state-bucket"),
            "infrastructure": shell.run("infrastructure"),
            "parameters": shell.run("parameters"),
        }
        told = json.loads(shell.command(f"terraform -chdir={ROOT} output -json"))
        outputs = {name: value["value"] for name, value in told.items()}
        with stage_of(world, outputs, folder):
            said["first-image"] = shell.run("first-image")
            said["look"] = shell.run("look")
        yield First(folder, world, outputs, said)


@pytest.fixture
def operator(first: First, tmp_path: Path) -> Iterator[Operator]:
    """An operator of the deployed service, in a world and a working copy of their own."""
    with (
        first.world.fork() as world,
        running(world.sealed(os.environ, tmp_path)) as provider,
        stage_of(world, first.outputs, tmp_path) as stage,
    ):
        stage.deployment.wait_steady()
        yield Operator(Shell(another(first.folder, tmp_path), world, provider), stage)


@pytest.fixture
def world(first: First) -> Iterator[EmbeddedAws]:
    """A world with the deployed stack in which nobody runs tasks: what costs no time to change."""
    with first.world.fork() as forked:
        yield forked


@pytest.fixture
def shell(first: First, world: EmbeddedAws, tmp_path: Path) -> Shell:
    """A shell of that world, for what needs neither tasks nor an apply."""
    return Shell(another(first.folder, tmp_path), world, {})
