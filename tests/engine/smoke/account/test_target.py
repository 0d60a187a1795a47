"""The smoke rung against an account: proven where all is well, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.smoke.account.conftest import CLUSTER, SERVICE, Site, run
from tests.kit import HANG, REPOSITORY, wait_for
from verification.engine.aws.emulator import ACCOUNT, REGION, Fault
from verification.engine.errors import ToolError
from verification.engine.smoke.account.discovery import (
    NEEDED,
    discover,
    read_outputs,
)
from verification.model.contract import load_contract

pytestmark = pytest.mark.slow

CONTRACT = load_contract(REPOSITORY / "verification" / "contract.toml")
# For a run that was interrupted; and the embedded AWS has no Access Analyzer.
UNUSED = {
    "access-analyzer:CheckNoNewAccess",
    "access-analyzer:ValidatePolicy",
    "cognito-idp:AdminGetUser",
}
# docker pushes images; ECS asks IAM for the right to pass a role, and to tag what is made; and a
# deployment looks for tasks after it has failed.
PUSHED = {"ecs:DescribeTasks", "ecs:ListTasks", "ecs:TagResource", "iam:PassRole"}
EMBEDDED = {"backup-and-restore", "complete-rollback", "files-end", "quick-rollback"}


def test_all_is_well(site: Site, tmp_path: Path) -> None:
    """Everything is proven with its role's permissions, on new tasks; nothing is left behind."""
    before = site.service()
    outcome = site.acting_as().verify(tmp_path / "reports")
    assert outcome.code == 0, outcome.output
    told = (outcome.results[name] for name in ("target", "account", "region"))
    assert tuple(told) == ("aws", ACCOUNT, REGION)
    verdicts = {
        criterion["id"]: criterion["rungs"]["smoke"]["verdict"]
        for criterion in outcome.results["criteria"]
        if "smoke" in criterion["rungs"]
    }
    assert {name for name, verdict in verdicts.items() if verdict != "pass"} == EMBEDDED, verdicts
    assert {verdicts[name] for name in EMBEDDED} == {"not run"}
    assert site.unused("smoke") == UNUSED
    after = site.service()
    assert after["deployments"][0]["id"] != before["deployments"][0]["id"]
    assert after["desiredCount"] == before["desiredCount"]
    assert site.left_over() == []


def test_a_deploy_needs_what_its_role_may(applied: Site) -> None:
    """The deployment called whatever its role allows, but for what others call on its behalf."""
    unused = {one for one in applied.unused("deploy") if not one.startswith("ecr:")}
    assert unused == PUSHED


def test_reading_changes_nothing(site: Site, tmp_path: Path) -> None:
    """Where users are real the role only reads: what needs no more is proven, the rest not run."""
    before = site.service()
    outcome = site.acting_as(reading=True).verify(tmp_path / "reports", "--read-only")
    assert outcome.code == 0, outcome.output
    assert outcome.verdict("pipeline-wiring", "smoke") == "pass"
    assert outcome.verdict("trial-end-to-end", "smoke") == "not run"
    [note] = [note for note in outcome.results["notes"] if "--read-only" in note]
    assert note.endswith("change users, items or tasks and were left out: --read-only")
    calls = {
        action
        for call in site.world.calls()
        for who, action, _ in call.asked
        if who.endswith(f"{CLUSTER}-smoke")
    }
    reading = ("Describe", "Filter", "Get", "List", "POST /policy/check-no-new-access")
    assert calls
    assert [one for one in calls if not one.partition(":")[2].startswith(reading)] == []
    made = [one["id"] for one in site.service()["deployments"]]
    assert made == [one["id"] for one in before["deployments"]]
    assert site.left_over() == []


def test_what_is_left_out_is_named(site: Site, tmp_path: Path) -> None:
    """One note says how many tests need the embedded AWS, and why."""
    outcome = site.verify(tmp_path, "-k", "parameters_arrive", "--partial")
    assert outcome.code == 0, outcome.output
    [note] = [note for note in outcome.results["notes"] if "embedded AWS and were left out" in note]
    assert "tests need the embedded AWS and were left out: " in note
    assert "damage data or switch the store" in note
    assert "read the record of the tasks' calls" in note


def test_data_that_dies_is_noticed(site: Site, tmp_path: Path) -> None:
    """With the switch on SQLite, persistence fails here as on the embedded AWS."""
    switch = "/fileshare/dev/use_dynamodb"
    site.world.client("ssm").put_parameter(Name=switch, Value="false", Overwrite=True)
    deploy = [sys.executable, "-m", "backend.deploy", "--environment", "dev"]
    run(deploy, REPOSITORY, site.environ)
    outcome = site.verify(tmp_path, "-k", "survives or parameters_arrive")
    assert outcome.code == 1, outcome.output
    assert outcome.failed() == {"data-persists", "pipeline-wiring"}
    assert "trial after a redeploy: its fields are tier = 'free'" in outcome.output
    assert site.left_over() == []


def test_what_cannot_be_removed_is_named(site: Site, tmp_path: Path) -> None:
    """Who may not delete users is told which are left behind, and the run ends with 3."""
    powerless = site.acting_as(without="cognito-idp:AdminDeleteUser")
    outcome = powerless.verify(tmp_path, "-k", "starts_once", "--partial")
    assert outcome.code == 3, outcome.output
    assert outcome.verdict("trial-end-to-end", "smoke") == "pass"
    [note] = [note for note in outcome.results["notes"] if note.startswith("left behind: ")]
    assert "user smoke-" in note
    assert "AdminDeleteUser" in note
    assert f"Note: {note}" in outcome.output


def test_what_may_not_be_done_is_one_sentence(site: Site, tmp_path: Path) -> None:
    """A missing permission is named, without a trace of Python, and ends with 3."""
    powerless = site.acting_as(without="cognito-idp:AdminCreateUser")
    outcome = powerless.verify(tmp_path, "-k", "starts_once")
    assert outcome.code == 3, outcome.output
    assert "AdminCreateUser failed: " in outcome.output
    assert "Traceback" not in outcome.output


def interrupted(site: Site, reports: Path, meanwhile: Callable[[], object]) -> tuple[int, str]:
    """Ctrl-C in the middle of a scale-out, after something else; gives exit code and output."""
    command = [sys.executable, "-m", "pytest", *site.command(), "-k", "survives"]
    with subprocess.Popen(
        [*command, "--reports", str(reports)],
        cwd=REPOSITORY,
        env=dict(site.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        wait_for(lambda: process.poll() is not None or site.service()["desiredCount"] != 1, 900)
        assert process.poll() is None, process.communicate()[0]
        assert site.left_over() != []
        meanwhile()
        os.kill(process.pid, signal.SIGINT)
        output = process.communicate(timeout=HANG)[0]
    return process.returncode, output


def test_an_interrupted_run_leaves_nothing(site: Site, tmp_path: Path) -> None:
    """On Ctrl-C the users go, and the desired count is set back."""
    code, output = interrupted(site, tmp_path, lambda: None)
    assert code == 2, output
    assert site.service()["desiredCount"] == 1
    assert site.left_over() == []


def test_a_count_that_stays_is_named(site: Site, tmp_path: Path) -> None:
    """Where ECS does not let it, the desired count that is left behind is told."""
    refused = Fault("ecs", "UpdateService", code="AccessDeniedException")
    code, output = interrupted(site, tmp_path, lambda: site.world.inject(refused))
    assert code == 2, output
    assert f"left behind: the desired count of {SERVICE}, which was 1: " in output
    assert site.left_over() == []


def test_another_application_is_noticed(site: Site, tmp_path: Path) -> None:
    """An address where something else answers ends with 7, before any user is made."""
    outcome = site.verify(tmp_path, "--base-url", site.world.endpoint)
    assert outcome.code == 7, outcome.output
    assert f"{site.world.endpoint}/config.json answered 4" in outcome.output
    assert site.left_over() == []


def test_nobody_answers(site: Site, tmp_path: Path) -> None:
    """An address where nobody listens ends with 7 and is named."""
    outcome = site.verify(tmp_path, "--base-url", "http://127.0.0.1:9")
    assert outcome.code == 7
    assert "http://127.0.0.1:9 does not answer like this application" in outcome.output


def test_discovery_finds_what_terraform_told(applied: Site) -> None:
    """What is read from the service is what Terraform's outputs say."""
    found = discover(applied.world.client, CONTRACT, "dev")
    for name in NEEDED:
        assert found[name].rstrip("/") == applied.output(name).rstrip("/"), name
    told = read_outputs(applied.outputs, "/fileshare/dev/")
    assert (told["cluster_name"], told["service_name"]) == (CLUSTER, SERVICE)


def test_another_environments_outputs_are_refused(applied: Site) -> None:
    """Outputs of dev do not lead a run for prod."""
    with pytest.raises(ToolError, match="is for another environment: its parameters are under /f"):
        read_outputs(applied.outputs, "/fileshare/prod/")
