"""The policy rung by its own command: what it lets through, and what it must not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any

import pytest

from tests.kit import REPOSITORY, Outcome, copy_terraform, edit, verify
from verification.engine.checkov.policy_metadata import read_policies
from verification.model.criteria import load_criteria

pytestmark = pytest.mark.slow

POLICY = '''"""A policy about what is not there."""
from fsp.policy import Policy

ID = "CKV_FSP_17"
NAME = "Queues are encrypted"
SEVERITY = "HIGH"
CRITERION = "encryption"
GUIDELINE = "Set sqs_managed_sse_enabled."

check = Policy(ID, NAME, GUIDELINE, ["aws_sqs_queue"], lambda queue: [])
'''
WAIVERS = f"""waivers:
  - rule: CKV_AWS_158
    addresses: [module.backend.aws_cloudwatch_log_group.backend]
    reason: It ended yesterday.
    owner: platform
    reviewed: {date.today() - timedelta(days=30)}
    expires: {date.today() - timedelta(days=1)}
  - rule: CKV_AWS_26
    addresses: [module.monitoring.aws_sns_topic.alarms]
    reason: It ends soon.
    owner: platform
    reviewed: {date.today()}
    expires: {date.today() + timedelta(days=3)}
  - rule: CKV_AWS_21
    addresses: [module.backend.aws_s3_bucket.uploads]
    reason: The bucket keeps versions, so that there is nothing to waive.
    owner: platform
    reviewed: {date.today()}
    expires: {date.today() + timedelta(days=90)}
"""
DECISIONS = f"""decisions:
  - rule: CKV_AWS_144
    addresses: [module.backend.aws_s3_bucket.uploads]
    reason: It was reviewed long ago, and holds.
    owner: platform
    rests_on: {{plan: Operations & Maintenance / Backup & Recovery}}
    reviewed: {date.today() - timedelta(days=366)}
  - rule: CKV_AWS_150
    addresses: [module.backend.aws_lb.backend]
    environments: [dev]
    reason: The contract wants something else by now.
    owner: platform
    rests_on: {{contract: environments.dev.deletion_protection = true}}
    reviewed: {date.today()}
  - rule: CKV_AWS_18
    addresses: [module.backend.aws_s3_bucket.uploads]
    reason: The plan has no such section.
    owner: platform
    rests_on: {{plan: Operations & Maintenance / Access logs}}
    reviewed: {date.today()}
  - rule: CKV_AWS_53
    addresses: [module.backend.aws_s3_bucket_public_access_block.uploads]
    reason: The block blocks, so that there is nothing to decide.
    owner: platform
    rests_on: {{contract: environments.dev.https = false}}
    reviewed: {date.today()}
"""


def copied(folder: Path) -> tuple[Path, Path]:
    """A copy of the policies and of Terraform, to break."""
    copytree(REPOSITORY / "policies", folder / "policies", ignore=ignore_patterns("__pycache__"))
    return folder / "policies", copy_terraform(folder)


@dataclass(frozen=True)
class Broken:
    """How a run over a broken tree ended, and where its reports are."""

    outcome: Outcome
    reports: Path


@pytest.fixture(scope="session")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Broken:
    """A run of the rung over a broken tree, with broken policies and a broken register."""
    folder = tmp_path_factory.mktemp("rung")
    policies, terraform = copied(folder)
    (policies / "waivers.yaml").write_text(WAIVERS, encoding="utf-8")
    (policies / "decisions.yaml").write_text(DECISIONS, encoding="utf-8")
    # In the place of another, so that criteria.toml lists it.
    (policies / "python" / "s3_public_access_is_blocked.py").unlink()
    (policies / "python" / "queues.py").write_text(POLICY, encoding="utf-8")
    edit(
        terraform / "modules" / "dynamodb" / "main.tf",
        'resource "aws_dynamodb_table" "urls" {\n',
        'resource "aws_dynamodb_table" "urls" {\n  # checkov:skip=CKV_AWS_119: costs\n',
    )
    arguments = ("--policies", policies, "--terraform-root", terraform)
    outcome = verify(folder / "reports", "verification/policy", *arguments)
    return Broken(outcome, folder / "reports")


def evidence(outcome: Outcome, check: str) -> dict[str, Any]:
    """The only evidence of a test."""
    cells = (c["rungs"].get("policy", {}) for c in outcome.results["criteria"])
    every = (one for cell in cells for one in cell.get("evidence", ()))
    found: list[dict[str, Any]] = [one for one in every if one["check"] == check]
    assert len(found) == 1
    return found[0]


def failures(outcome: Outcome, check: str) -> dict[str, str]:
    """What failed in a test, by address."""
    findings = evidence(outcome, check)["findings"]
    return {f["address"]: f["message"] for f in findings if f["verdict"] == "fail"}


def failing(outcome: Outcome) -> set[tuple[str, str]]:
    """Rule and address of what fails."""
    results = outcome.results["policies"]["results"]
    return {(r["rule"], r["address"]) for r in results if r["verdict"] == "fail"}


def test_broken_tree_fails(broken: Broken) -> None:
    """By the documented exit code."""
    assert broken.outcome.code == 1
    last = broken.outcome.output.splitlines()[-1]
    assert last.startswith("Failed: ")
    assert "security-rules" in last
    assert ". Error: examined nothing" in last
    assert last.endswith("(exit code 1)")


def test_expired_waiver_waives_nothing(broken: Broken) -> None:
    """It fails itself, and the finding is back."""
    register = failures(broken.outcome, "test_waivers_are_in_order")
    subject = "CKV_AWS_158 at module.backend.aws_cloudwatch_log_group.backend"
    assert "it expired on" in register[f"policies/waivers.yaml, {subject}"]
    found = failures(broken.outcome, "test_rules_of_checkov_hold")
    assert "module.backend.aws_cloudwatch_log_group.backend" in found


def test_waiver_that_ends_soon_is_announced(broken: Broken) -> None:
    """In the notes; it still holds."""
    assert any("expires on" in note for note in broken.outcome.results["notes"])
    found = failures(broken.outcome, "test_rules_of_checkov_hold")
    assert "module.monitoring.aws_sns_topic.alarms" not in found


def test_unused_waiver_fails(broken: Broken) -> None:
    """There is no such finding."""
    register = failures(broken.outcome, "test_waivers_are_in_order")
    subject = "CKV_AWS_21 at module.backend.aws_s3_bucket.uploads"
    assert "it is unused" in register[f"policies/waivers.yaml, {subject}"]


@pytest.mark.parametrize(
    ("subject", "says"),
    [
        ("CKV_AWS_150 at module.backend.aws_lb.backend", "but the contract has false"),
        ("CKV_AWS_18 at module.backend.aws_s3_bucket.uploads", "which no criterion names"),
        ("CKV_AWS_53 at module.backend.aws_s3_bucket_public_access_block.uploads", "no such"),
    ],
)
def test_decision_that_does_not_hold_fails(broken: Broken, subject: str, says: str) -> None:
    """Its ground has gone, or there is no such finding; and what it was about is back."""
    register = failures(broken.outcome, "test_waivers_are_in_order")
    assert says in register[f"policies/decisions.yaml, {subject}"]
    rule, _, address = subject.partition(" at ")
    back = (rule, address) in failing(broken.outcome)
    assert back == (says != "no such")


def test_decision_that_was_reviewed_long_ago_holds(broken: Broken) -> None:
    """It is a note, no failure."""
    assert any("CKV_AWS_144 in policies/decisions" in n for n in broken.outcome.results["notes"])
    assert ("CKV_AWS_144", "module.backend.aws_s3_bucket.uploads") not in failing(broken.outcome)


def test_inline_skip_fails(broken: Broken) -> None:
    """The register does not have it."""
    found = failures(broken.outcome, "test_rules_of_checkov_hold")
    message = found["module.dynamodb.aws_dynamodb_table.urls"]
    assert message == "CKV_AWS_119 is skipped by an inline comment, “costs”"


def test_policy_that_examined_nothing_fails(broken: Broken) -> None:
    """It would be green for ever."""
    queues = evidence(broken.outcome, "policy.CKV_FSP_17")
    assert queues["verdict"] == "error"
    assert "examined nothing" in queues["error"]


def test_version_of_checkov_is_reported(broken: Broken) -> None:
    """Another version has other rules."""
    pinned = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    assert f'"checkov=={broken.outcome.results["tools"]["checkov"]}"' in pinned


def test_findings_name_place_and_remedy(broken: Broken) -> None:
    """As one line that a stranger can act on, in the output and in the reports."""
    place = "terraform/modules/ecs-flask-backend/alb.tf:1: module.backend.aws_lb.backend: "
    assert f"{place}CKV_AWS_91: Ensure the ELBv2" in broken.outcome.output
    reported = (broken.reports / "results.sarif").read_text(encoding="utf-8")
    assert '"uri": "terraform/modules/ecs-flask-backend/alb.tf"' in reported
    results = json.loads(reported)["runs"][0]["results"]
    logical = [r["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] for r in results]
    rules = [r["ruleId"] for r in results]
    assert set(zip(rules, logical, strict=True)) == failing(broken.outcome)


@pytest.mark.parametrize(
    ("mistake", "says"),
    [
        ("syntax error", "queues.py: the policy cannot be read: invalid syntax"),
        ("no __init__", "checkov did not load CKV_FSP_1"),
        ("unreadable register", "policies/waivers.yaml: cannot be read"),
    ],
)
def test_what_could_not_be_read_is_a_tool_error(tmp_path: Path, mistake: str, says: str) -> None:
    """checkov itself would exit 0."""
    policies, terraform = copied(tmp_path)
    if mistake == "syntax error":
        (policies / "python" / "queues.py").write_text("class", encoding="utf-8")
    elif mistake == "no __init__":
        (policies / "python" / "__init__.py").unlink()
    else:
        (policies / "waivers.yaml").write_text("waivers: {", encoding="utf-8")
    arguments = ("--policies", policies, "--terraform-root", terraform, "-k", "checkov")
    outcome = verify(tmp_path / "reports", "verification/policy", *arguments)
    assert outcome.code == 3
    assert says in outcome.output


def test_every_criterion_of_a_policy_wants_the_rung() -> None:
    """And the other way round: `make policies` has nothing that is not yet verified."""
    served = {policy.criterion for policy in read_policies(REPOSITORY / "policies")}
    criteria = load_criteria(REPOSITORY / "verification" / "criteria.toml").values()
    wanting = {criterion.id for criterion in criteria if "policy" in criterion.rungs}
    assert wanting == served | {"security-rules"}
