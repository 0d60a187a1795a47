"""Policies, their fixtures and their documentation stay in step, both ways."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.kit import REPOSITORY
from tests.policies.kit import POLICIES, policies
from tests.policies.rendering import FIXTURES, KINDS, VERDICTS, expected

ROW = re.compile(r"^\| (CKV2?_FSP_\d+) \|(.+)\|$", re.MULTILINE)
IDS = {".py": re.compile(r"CKV_FSP_\d+"), ".yaml": re.compile(r"CKV2_FSP_\d+")}
RULES = sorted(policies())


def never_unknown(rule: str) -> str:
    """Why a policy never leaves anything open, as it says itself; "" if it may."""
    file = REPOSITORY / policies()[rule].file
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".yaml":
        return str(yaml.safe_load(text)["metadata"].get("never_unknown", ""))
    found = (
        statement.value.value
        for statement in ast.parse(text).body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
        and getattr(statement.targets[0], "id", "") == "NEVER_UNKNOWN"
    )
    return next(found, "")


def test_each_policy_has_a_fixture_and_each_fixture_a_policy() -> None:
    """The folder of a fixture has the name of the policy's file."""
    assert sorted(path.name for path in FIXTURES.iterdir()) == RULES


def test_documentation_has_a_row_for_each_policy_and_no_other() -> None:
    """The table says id, rule, name, severity and criterion as the policy does."""
    text = (POLICIES / "README.md").read_text(encoding="utf-8")
    rows = {row[0]: [cell.strip() for cell in row[1].split("|")][:4] for row in ROW.findall(text)}
    assert rows == {
        policy.id: [f"`{rule}`", policy.name, policy.severity, policy.criterion]
        for rule, policy in policies().items()
    }


@pytest.mark.parametrize("rule", RULES)
def test_policy_says_what_it_must(rule: str) -> None:
    """Its id is of its language, its criterion lists it for the rung, its severity is of four."""
    policy = policies()[rule]
    content = tomllib.loads((REPOSITORY / "verification" / "criteria.toml").read_text())
    assert IDS[Path(policy.file).suffix].fullmatch(policy.id)
    listed = {c["id"]: c["checks"].get(f"policy.{policy.id}") for c in content["criteria"]}
    assert listed[policy.criterion] == ["policy"]
    assert policy.severity in {"low", "medium", "high", "critical"}
    assert policy.guideline.endswith(".")


@pytest.mark.parametrize("rule", RULES)
def test_fixture_has_every_verdict_somewhere(rule: str) -> None:
    """Pass, fail and unknown, unless the policy says why the last cannot be."""
    found = {v for v in VERDICTS for kind in KINDS if expected(rule)[kind][v]}
    assert found == set(VERDICTS) - ({"unknown"} if never_unknown(rule) else set())


def test_no_policy_has_the_name_of_another_module() -> None:
    """checkov imports policies by their file's name alone: `secrets.py` would replace Python's."""

    assert not set(RULES) & set(sys.stdlib_module_names)
