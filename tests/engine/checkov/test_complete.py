"""Whatever checkov left out fails the rung, and is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.engine.checkov.kit import OURS, planned, policies, result, scanned, tree
from verification.engine.checkov import PlanScans, Scanned
from verification.engine.checkov.completeness import demand_complete
from verification.engine.checkov.policy_metadata import read_policies
from verification.engine.errors import ToolError
from verification.model.policies import Policy


def faults(
    source: Scanned | None = None,
    plans: dict[str, PlanScans] | None = None,
    ours: tuple[Policy, ...] = (OURS,),
) -> str:
    """What is missing, as the error says it; "" if nothing is."""
    plans = {"dev": planned("pass")} if plans is None else plans
    try:
        demand_complete(source or scanned(), plans, tree(), ours)
    except ToolError as error:
        return str(error)
    return ""


def test_complete_scans_are_accepted() -> None:
    """Everything was parsed, read and loaded."""
    assert faults() == ""


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"error": "no runner"}, "checkov could not scan source: no runner."),
        ({"unparsed": ("/tree/x.tf",)}, "/tree/x.tf: checkov could not parse this file"),
        ({"crashes": ("CKV_OWN_1 on a.b: KeyError",)}, "a policy raised: CKV_OWN_1 on a.b"),
        ({"rules": ()}, "p/own.py: checkov did not load CKV_OWN_1: check that __init__.py"),
        ({"rules": (), "log": ("Cannot load own: oops",)}, "CKV_OWN_1: Cannot load own: oops"),
        ({"resources": ()}, "main.tf:1: checkov did not read aws_s3_bucket.files."),
    ],
)
def test_what_a_scan_left_out_is_named(given: dict[str, Any], says: str) -> None:
    """The scan's own report of it is not enough: checkov exits 0."""
    assert says in faults(scanned(**given))


def test_resource_of_a_plan_that_was_not_read_is_named() -> None:
    """A plan's resource without any record was not examined."""
    scans = planned("pass")
    unread = replace(scans, marked=replace(scans.marked, resources=()))
    assert "checkov did not read it in the plan of dev" in faults(plans={"dev": unread})


def test_resource_that_is_deleted_need_not_be_read() -> None:
    """checkov reads what will be there."""
    scans = planned("pass")
    change = {"address": "aws_x.y", "mode": "managed", "change": {"after": None}}
    plan = {"resource_changes": [*scans.plan["resource_changes"], change]}
    assert faults(plans={"dev": replace(scans, plan=plan)}) == ""


def test_broken_second_scan_of_a_plan_is_named() -> None:
    """Both scans of a plan count."""
    scans = planned("pass")
    broken = replace(scans, absent=scanned([result(OURS.id, "pass")], error="oops", name="dev"))
    assert "checkov could not scan dev: oops" in faults(plans={"dev": broken})


def test_loaded_policy_that_no_file_holds_is_named() -> None:
    """A policy in a folder below is loaded, and nobody knows what it is for."""
    assert "CKV_OWN_1 was loaded, but has no file" in faults(ours=())


def test_policies_say_what_they_are(tmp_path: Path) -> None:
    """Id, name, severity, guideline, criterion: read without running them."""
    found = read_policies(policies(tmp_path / "mine", {"CKV_OWN_2": "1 / 0"}))
    assert [(p.id, p.severity, p.criterion, p.file) for p in found] == [
        ("CKV_OWN_2", "high", "encryption", "mine/python/policy_0.py")
    ]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('CRITERION = "encryption"', "", "has no criterion"),
        ('ID = "CKV_OWN_1"', "ID = 1", "has no id; add it as a string"),
        ('"HIGH"', '"URGENT"', "severity is 'URGENT'; expected critical, high"),
        ("class Named", "class", "cannot be read: invalid syntax"),
    ],
)
def test_policy_that_does_not_say_it_is_an_error(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    """Nobody could report its findings."""
    file = policies(tmp_path / "mine", {"CKV_OWN_1": "pass"}) / "python" / "policy_0.py"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ToolError, match=says) as caught:
        read_policies(tmp_path / "mine")
    assert "mine/python/policy_0.py" in str(caught.value)


def test_two_policies_of_one_id_are_an_error(tmp_path: Path) -> None:
    """checkov loads the first only."""
    folder = policies(tmp_path / "mine", {"CKV_OWN_1": "pass", "CKV_OWN_2": "pass"})
    file = folder / "python" / "policy_1.py"
    file.write_text(file.read_text(encoding="utf-8").replace("OWN_2", "OWN_1"), encoding="utf-8")
    with pytest.raises(ToolError, match=r"mine/python/policy_0\.py has the id CKV_OWN_1, too"):
        read_policies(folder)


@pytest.mark.parametrize("yaml", ["{", "metadata: 1", "[]"])
def test_yaml_policy_that_says_nothing_is_an_error(tmp_path: Path, yaml: str) -> None:
    """It would be loaded under no name, or not at all."""
    with pytest.raises(ToolError, match=r"mine/yaml/policy\.yaml"):
        read_policies(policies(tmp_path / "mine", {}, yaml))


def test_folder_without_policies_is_an_error(tmp_path: Path) -> None:
    """A wrong --policies must not pass for a stack without policies."""
    with pytest.raises(ToolError, match="no policies found in python or yaml"):
        read_policies(tmp_path)
