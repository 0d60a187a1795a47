"""The sandbox's jobs on a tree that holds the tables alone, good and broken on purpose.

The whole stack takes a minute to apply, the tables take five seconds; what a job finds does not
depend on that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit import REPOSITORY, copy_terraform, edit
from tests.sharing import run_in
from verification.checks import terraform_runs
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.aws.live import leftovers
from verification.engine.run.run import Run
from verification.engine.rungs import sandbox
from verification.model.contract import load_contract
from verification.model.findings import Finding
from verification.model.verdict import Verdict

pytestmark = pytest.mark.slow

CONTRACT = load_contract(REPOSITORY / "verification" / "contract.toml")
PARAMETERS = "modules/dynamodb/parameters.tf"
TABLES = "modules/dynamodb/main.tf"


def tables_only(folder: Path) -> Path:
    """A copy of the Terraform whose environments hold the tables alone."""
    root = copy_terraform(folder)
    for name in ("dev", "prod"):
        main = root / "environments" / name / "main.tf"
        text = main.read_text(encoding="utf-8")
        block = re.search(r'^module "dynamodb" {\n.*?^}\n', text, re.MULTILINE | re.DOTALL)
        assert block
        main.write_text(block[0], encoding="utf-8")
        (main.parent / "outputs.tf").unlink()
    return root


@pytest.fixture(scope="module")
def good(empty_aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run over good Terraform."""
    folder = tmp_path_factory.mktemp("good")
    run = run_in(empty_aws, tables_only(folder), CONTRACT, folder / "reports")
    yield run
    run.close()


@pytest.fixture(scope="module")
def bad(empty_aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run over Terraform that undoes the switch, and never settles."""
    folder = tmp_path_factory.mktemp("bad")
    root = tables_only(folder)
    edit(root / PARAMETERS, "ignore_changes = [value]", "ignore_changes = []")
    # A description made of the time of day is another one in every plan.
    edit(root / PARAMETERS, '"Name of the users table."', '"Made at ${timestamp()}."')
    run = run_in(empty_aws, root, CONTRACT, folder / "reports")
    yield run
    run.close()


def failures(findings: list[Finding]) -> str:
    """The messages of those that failed, a line each."""
    return "\n".join(str(finding) for finding in findings if finding.verdict is Verdict.FAIL)


def test_good_plan_is_empty(good: Run) -> None:
    """A second plan of good Terraform is empty."""
    planned = good.get(sandbox.second_plan, "dev").planned
    assert not failures(terraform_runs.plans_nothing("second plan", planned))


def test_unsettled_plan_is_noticed(bad: Run) -> None:
    """A second plan that is not empty fails and names the address."""
    planned = bad.get(sandbox.second_plan, "dev").planned
    said = failures(terraform_runs.plans_nothing("second plan", planned))
    assert "module.dynamodb.aws_ssm_parameter.dynamodb_users_table_name: update" in said


def test_every_change_by_hand_is_found(good: Run) -> None:
    """What was changed by hand is found by address and attribute, and nothing else."""
    drifted = good.get(sandbox.drifted, "dev")
    assert len(drifted.made) >= 5
    assert not failures(terraform_runs.finds_drift(drifted.made, drifted.found))


def test_unseen_change_fails(good: Run) -> None:
    """A change by hand that no plan shows fails."""
    drifted = good.get(sandbox.drifted, "dev")
    said = failures(terraform_runs.finds_drift(drifted.made, []))
    assert "module.dynamodb.aws_dynamodb_table.urls: TTL turned off is not found" in said


def test_switch_stays(good: Run) -> None:
    """use_dynamodb set by hand stays as it was set."""
    drifted = good.get(sandbox.drifted, "dev")
    assert not failures(terraform_runs.keeps_the_switch(drifted.switch, drifted.planned))


def test_switch_set_back_is_noticed(bad: Run) -> None:
    """A plan that sets use_dynamodb back fails and says how to stop it."""
    drifted = bad.get(sandbox.drifted, "dev")
    said = failures(terraform_runs.keeps_the_switch(drifted.switch, drifted.planned))
    assert "module.dynamodb.aws_ssm_parameter.use_dynamodb" in said
    assert "ignore_changes = [value]" in said


def test_destroy_leaves_nothing(good: Run) -> None:
    """A destroy of an unprotected environment removes everything."""
    gone = good.get(sandbox.destroyed, "dev")
    assert gone.error == ""
    findings = terraform_runs.leaves_nothing("destroy", gone.before, gone.left)
    assert findings
    assert not failures(findings)


def test_what_is_left_is_named(good: Run) -> None:
    """A thing left behind by a destroy fails by its ARN."""
    applied = good.get(sandbox.applied, "dev")
    left = leftovers(applied.world.client, "file-sharing-app-dev", "file-sharing-app", "dev")
    said = failures(terraform_runs.leaves_nothing("destroy", 1, left))
    assert "table/file-sharing-app-dev-users: remains after destroy" in said


def test_protected_destroy_is_refused(good: Run) -> None:
    """A destroy of protected tables fails with their items intact."""
    kept = good.get(sandbox.destroyed, "prod")
    findings = terraform_runs.is_refused("destroy", kept.error, kept.items)
    assert len(findings) == 3
    assert not failures(findings)


def test_destroy_that_goes_through_is_noticed(good: Run) -> None:
    """A destroy that should have been refused and was not fails for each table."""
    gone = good.get(sandbox.destroyed, "dev")
    said = failures(terraform_runs.is_refused("destroy dev", gone.error, gone.items))
    assert "destroy dev: is not refused" in said
    assert "file-sharing-app-dev-users: had 1 items before and is deleted after" in said
