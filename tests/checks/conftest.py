"""Fixtures of the checks' tests: this repository's own stacks, planned once, and its source."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.checks.edits import TreeChange, settled
from tests.checks.kit import Reread
from tests.kit import REPOSITORY
from verification.engine.run.run import Run
from verification.engine.rungs import plan
from verification.engine.source import hcl
from verification.model.contract import Contract, load_contract
from verification.model.inventory import Inventory
from verification.model.source import Block, Source
from verification.model.stack import Stack

ROOT = REPOSITORY
TERRAFORM = ROOT / "terraform"

# A loaded machine is not a failing test, and nothing is left behind in the tree.
settings.register_profile(
    "checks",
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("checks")


@pytest.fixture(scope="session")
def contract() -> Contract:
    """What the stack must be."""
    return load_contract(ROOT / "verification" / "contract.toml")


@pytest.fixture(scope="session")
def inventories(
    contract: Contract, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Inventory]:
    """Everything in each environment as the real Terraform plans it."""
    run = Run(TERRAFORM, contract, tmp_path_factory.mktemp("reports"), os.environ)
    try:
        jobs = {name: run.start(plan.inventory, name) for name in contract.environments}
        return {name: job.result() for name, job in jobs.items()}
    finally:
        run.close()


@pytest.fixture(scope="session")
def planned(inventories: dict[str, Inventory]) -> dict[str, Stack]:
    """Every environment's stack in it."""
    return {name: inventory.stack for name, inventory in inventories.items()}


@pytest.fixture(scope="session")
def dev_stack(planned: dict[str, Stack]) -> Stack:
    """The stack that the plan of dev promises."""
    return planned["dev"]


@pytest.fixture(scope="session")
def prod_stack(planned: dict[str, Stack]) -> Stack:
    """The stack that the plan of prod promises."""
    return planned["prod"]


@pytest.fixture(scope="session")
def applied(planned: dict[str, Stack]) -> dict[str, Stack]:
    """The same stacks with nothing left unknown, as an apply would leave them."""
    return {name: settled(stack) for name, stack in planned.items()}


@pytest.fixture(scope="session")
def source() -> Source:
    """This repository's Terraform."""
    return hcl.read_source(TERRAFORM)


@pytest.fixture(scope="session")
def _parsed() -> dict[tuple[str, bytes], list[Block]]:
    return {}


@pytest.fixture
def reread(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    _parsed: dict[tuple[str, bytes], list[Block]],
) -> Reread:
    """Read a copy of the source again after a change; files that are as before are parsed once."""
    parse, tree = hcl.parse, tmp_path / "terraform"
    shutil.copytree(TERRAFORM, tree, ignore=shutil.ignore_patterns(".terraform"))

    def parse_once(path: Path, name: str) -> list[Block]:
        key = (name, path.read_bytes())
        if key not in _parsed:
            _parsed[key] = parse(path, name)
        return _parsed[key]

    def read(change: TreeChange) -> Source:
        change(tree)
        return hcl.read_source(tree)

    monkeypatch.setattr(hcl, "parse", parse_once)
    return read
