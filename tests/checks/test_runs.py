"""The checks of what Terraform did catch a warning, a leftover and a lost item."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.checks.kit import verdict_of
from verification.checks import terraform_runs
from verification.model.changes import Drift, Tampering
from verification.model.findings import Finding
from verification.model.module_tests import ModuleRun
from verification.model.verdict import Verdict

TABLE = "module.dynamodb.aws_dynamodb_table.users"
SWITCH = "module.dynamodb.aws_ssm_parameter.use_dynamodb"
MADE = [Tampering("TTL turned off", TABLE, "ttl", lambda client: None)]
REFUSED = "Error: ... ValidationException: deletion protection is enabled"
KEPT = {"users": (1, 1), "urls": (1, 1)}
STEPS: dict[str, list[str]] = {"apply x": [], "second plan x": []}


RUN = ModuleRun("terraform/modules/x/tests/x.tftest.hcl", "expires", "pass")
FAILED = replace(RUN, status="fail", said=("Test assertion failed: It expires",), source="x:9")
AGAIN = "Run `terraform init && terraform test` in terraform/modules/x, and mend module or test."


def said_of(*runs: ModuleRun, demanded: bool = True) -> list[Finding]:
    """What the check says of a module with these runs."""
    return terraform_runs.modules_pass_their_tests({"terraform/modules/x": runs}, demanded)


GOOD = {
    "no warning": terraform_runs.gives_no_warning("plan dev", ()),
    "formatted": terraform_runs.is_formatted((), 44),
    "empty second plan": terraform_runs.plans_nothing("second plan dev", ()),
    "applied": terraform_runs.is_applied(STEPS, (), demanded=True),
    "nothing to apply": terraform_runs.is_applied({}, (), demanded=False),
    "drift found": terraform_runs.finds_drift(MADE, [Drift(TABLE, "ttl")]),
    "drift found, with what it entails": terraform_runs.finds_drift(
        MADE, [Drift(TABLE, "ttl"), Drift(TABLE, "stream")]
    ),
    "switch kept": terraform_runs.keeps_the_switch(SWITCH, [("update", TABLE)]),
    "tests pass": said_of(RUN, replace(RUN, name="is kept")),
    "tests pass that nobody demands": said_of(RUN, demanded=False),
    "no test, and none demanded": said_of(demanded=False),
    "no module, and no test demanded": terraform_runs.modules_pass_their_tests({}, False),
    "nothing left": terraform_runs.leaves_nothing("destroy dev", 90, ()),
    "refused": terraform_runs.is_refused("destroy prod", REFUSED, KEPT),
    "kept, as wanted": terraform_runs.leaves_nothing("destroy prod", 90, ["users"], protected=True),
    "gone, as wanted": terraform_runs.is_refused("destroy dev", "", {}, protected=False),
}

BAD = {
    "warning": (
        terraform_runs.gives_no_warning,
        terraform_runs.gives_no_warning("plan dev", ["Argument is deprecated"]),
        "plan dev: Terraform warns: Argument is deprecated.",
    ),
    "warning of an apply": (
        terraform_runs.is_applied,
        terraform_runs.is_applied(STEPS | {"apply x": ["deprecated"]}, (), demanded=True),
        "apply x: Terraform warns: deprecated.",
    ),
    "applied, and planned again": (
        terraform_runs.is_applied,
        terraform_runs.is_applied(STEPS, [("update", TABLE)], demanded=True),
        f"{TABLE}: update is planned again after an apply",
    ),
    "unformatted file": (
        terraform_runs.is_formatted,
        terraform_runs.is_formatted(["modules/network/main.tf"], 44),
        "modules/network/main.tf: is not formatted. Run `make fix`.",
    ),
    "change that stays planned": (
        terraform_runs.plans_nothing,
        terraform_runs.plans_nothing("second plan dev", [("update", TABLE)]),
        f"{TABLE}: update is planned again after an apply",
    ),
    "drift not found": (
        terraform_runs.finds_drift,
        terraform_runs.finds_drift(MADE, []),
        f"{TABLE}: TTL turned off is not found as ttl.",
    ),
    "drift found under another name": (
        terraform_runs.finds_drift,
        terraform_runs.finds_drift(MADE, [Drift(TABLE, "tags")]),
        f"{TABLE}: TTL turned off is not found as ttl.",
    ),
    "drift that nobody made": (
        terraform_runs.finds_drift,
        terraform_runs.finds_drift(MADE, [Drift(TABLE, "ttl"), Drift(SWITCH, "value")]),
        f"{SWITCH}: value drifted without a manual change.",
    ),
    "switch undone": (
        terraform_runs.keeps_the_switch,
        terraform_runs.keeps_the_switch(SWITCH, [("update", SWITCH)]),
        f"{SWITCH}: set to false by hand: the next apply would update it. Add lifecycle",
    ),
    "run that fails": (
        terraform_runs.modules_pass_their_tests,
        said_of(RUN, FAILED),
        f"x:9: {RUN.address}: Test assertion failed: It expires. {AGAIN}",
    ),
    "run that fails, demanded or not": (
        terraform_runs.modules_pass_their_tests,
        said_of(FAILED, demanded=False),
        f"x:9: {RUN.address}: Test assertion failed: It expires. {AGAIN}",
    ),
    "run that was left out": (
        terraform_runs.modules_pass_their_tests,
        said_of(RUN, replace(RUN, status="skip")),
        f"{RUN.address}: was left out. {AGAIN}",
    ),
    "tests that cannot be read": (
        terraform_runs.modules_pass_their_tests,
        said_of(replace(FAILED, name="", status="error", said=("Invalid block",))),
        f"x:9: {RUN.file}: Invalid block. {AGAIN}",
    ),
    "module without tests": (
        terraform_runs.modules_pass_their_tests,
        said_of(),
        "terraform/modules/x: a test of its own is missing. Write tests/x.tftest.hcl there.",
    ),
    "table left": (
        terraform_runs.leaves_nothing,
        terraform_runs.leaves_nothing("destroy dev", 90, ["arn:aws:dynamodb:table/users"]),
        "arn:aws:dynamodb:table/users: remains after destroy.",
    ),
    "left, though nothing was seen before": (
        terraform_runs.leaves_nothing,
        terraform_runs.leaves_nothing("destroy dev", 0, ["arn:aws:dynamodb:table/users"]),
        "arn:aws:dynamodb:table/users: remains after destroy.",
    ),
    "destroyed": (
        terraform_runs.is_refused,
        terraform_runs.is_refused("destroy prod", "", KEPT),
        "destroy prod: is not refused by it: done.",
    ),
    "refused for another reason": (
        terraform_runs.is_refused,
        terraform_runs.is_refused("destroy prod", "Error: AccessDenied", KEPT),
        "destroy prod: is not refused by it: Error: AccessDenied.",
    ),
    "refused, but a table is gone": (
        terraform_runs.is_refused,
        terraform_runs.is_refused("destroy prod", REFUSED, KEPT | {"urls": (1, -1)}),
        "urls: had 1 items before and is deleted after.",
    ),
    "refused, but items are gone": (
        terraform_runs.is_refused,
        terraform_runs.is_refused("destroy prod", REFUSED, KEPT | {"urls": (2, 1)}),
        "urls: had 2 items before and 1 after.",
    ),
    "no item to lose": (
        terraform_runs.is_refused,
        terraform_runs.is_refused("destroy prod", REFUSED, KEPT | {"urls": (0, 0)}),
        "urls: had 0 items before and 0 after.",
    ),
}

VACUOUS = {
    "no module": terraform_runs.modules_pass_their_tests({}, True),
    "no step": terraform_runs.is_applied({}, (), demanded=True),
    "no file": terraform_runs.is_formatted((), 0),
    "no change made": terraform_runs.finds_drift((), ()),
    "nothing to destroy": terraform_runs.leaves_nothing("destroy dev", 0, ()),
    "no table to protect": terraform_runs.is_refused("destroy prod", REFUSED, {}),
}

NAMES = [
    name
    for name, value in vars(terraform_runs).items()
    if getattr(value, "__module__", "") == terraform_runs.__name__
]


@pytest.mark.parametrize("name", GOOD)
def test_good_run_passes(name: str) -> None:
    """A run in which all went well passes."""
    assert verdict_of(GOOD[name]) is Verdict.PASS


@pytest.mark.parametrize("name", BAD)
def test_known_bad_run_is_caught(name: str) -> None:
    """A run in which one thing went wrong fails, and says which."""
    _, findings, said = BAD[name]
    failed = [str(finding) for finding in findings if finding.verdict is Verdict.FAIL]
    assert len(failed) == 1
    assert failed[0].startswith(said)


@pytest.mark.parametrize("name", VACUOUS)
def test_nothing_examined_is_no_pass(name: str) -> None:
    """Where there was nothing to look at, nothing is proven."""
    assert verdict_of(VACUOUS[name]) is not Verdict.PASS


@pytest.mark.parametrize("name", NAMES)
def test_every_check_has_a_known_bad_run(name: str) -> None:
    """No check of a run is without a run that it must fail."""
    assert name in {check.__name__ for check, _, _ in BAD.values()}
