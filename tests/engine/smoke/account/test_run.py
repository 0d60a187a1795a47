"""A run against an account keeps out of what needs a world of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.kit import REPOSITORY, TERRAFORM
from verification.engine.errors import ToolError
from verification.engine.run.run import Run
from verification.engine.rungs.smoke import played
from verification.engine.smoke.account import AwsTarget, Settings
from verification.engine.smoke.scenarios.rollback import quick_rollback
from verification.model.contract import load_contract

pytestmark = pytest.mark.slow


def test_a_scenario_that_needs_a_world_is_refused(tmp_path: Path) -> None:
    """Whoever forgets to mark a test is told, before anything is done to the account."""
    contract = load_contract(REPOSITORY / "verification" / "contract.toml")
    target = AwsTarget(Settings("dev", frozenset({"123456789012"})), contract, os.environ)
    run = Run(TERRAFORM, contract, tmp_path, os.environ, aws=target)
    try:
        with pytest.raises(ToolError, match="quick_rollback needs the embedded AWS: mark its test"):
            run.get(played(quick_rollback), "dev")
    finally:
        run.close()
    assert run.left_behind == []
