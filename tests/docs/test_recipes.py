"""The recipes, followed to the letter."""

from __future__ import annotations

import re
import tomllib
from contextlib import closing
from pathlib import Path
from shutil import rmtree
from textwrap import dedent, indent

import pytest

from tests.checks.kit import ON_STACKS, said
from tests.kit import REPOSITORY, copy_terraform, edit
from tests.sharing import run_in
from verification.checks import SOURCE_CHECKS, WIRING_CHECKS
from verification.checks.registry import name_of
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.rungs import plan, policy
from verification.engine.source.hcl import read_source
from verification.engine.source.wiring import read_wiring
from verification.model.contract import Contract, load_contract
from verification.model.policies import PolicyReport
from verification.model.stack import Stack
from verification.model.verdict import Verdict

pytestmark = pytest.mark.slow

RECIPES = (REPOSITORY / "docs" / "recipes.md").read_text(encoding="utf-8")


def block(title: str) -> str:
    """The fenced block of the recipes that carries a title."""
    found = re.search(rf"^ *```\w+ {re.escape(title)}\n(.*?)^ *```", RECIPES, re.M | re.S)
    assert found, f"the recipes have no block {title}"
    return dedent(found[1])


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A contract with the table of the first step."""
    folder = tmp_path_factory.mktemp("contract")
    for name in ("contract.toml", "prices.toml"):
        text = (REPOSITORY / "verification" / name).read_text(encoding="utf-8")
        (folder / name).write_text(text, encoding="utf-8")
    file = folder / "contract.toml"
    known = "informational_parameters = [\n"
    edit(file, known, known + block("informational"))
    with file.open("a", encoding="utf-8") as end:
        end.write(f"\n{block('contract')}")
    return file


@pytest.fixture(scope="module")
def today(
    contract: Path, empty_aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory
) -> Stack:
    """The stack that the dev plan of this repository promises."""
    folder = tmp_path_factory.mktemp("today")
    with closing(run_in(empty_aws, copy_terraform(folder), load_contract(contract), folder)) as run:
        return run.get(plan.planned_stack, "dev")


def judged(stack: Stack, rules: Contract) -> dict[str, set[Verdict]]:
    """The verdicts of every check on a stack, by the check's name."""
    return {
        name_of(check): {finding.verdict for finding in said(check, stack, rules)}
        for check in ON_STACKS
    }


def add_table(root: Path) -> None:
    """Step two."""
    main = root / "modules" / "dynamodb" / "main.tf"
    edit(main, "  tables = {\n", f"  tables = {{\n{indent(block('tables'), ' ' * 4)}")
    with main.open("a", encoding="utf-8") as file:
        file.write(f"\n{block('main.tf')}")


def broken(report: PolicyReport) -> list[str]:
    """What policies and register say against a tree."""
    findings = [*report.register, *(result.finding for result in report.results)]
    return [str(found) for found in findings if found.verdict is Verdict.FAIL]


def broken_source(root: Path, rules: Contract) -> list[str]:
    """What the checks of the static rung say against a tree."""
    tree = read_source(root)
    findings = [found for check in SOURCE_CHECKS for found in check(tree, rules)]
    wired = read_wiring(tree, rules)
    findings += [found for check in WIRING_CHECKS for found in check(wired, rules)]
    return [str(found) for found in findings if found.verdict is not Verdict.PASS]


def test_contract_alone_names_what_is_missing(contract: Path, today: Stack) -> None:
    """After step one, the plan rung fails on table, parameters, access and alarms."""
    verdicts = judged(today, load_contract(contract))
    failed = {name.split(".")[0] for name, found in verdicts.items() if Verdict.FAIL in found}
    assert failed >= {"tables", "parameters", "privileges", "monitoring"}


def test_table_of_the_recipe_passes(contract: Path, empty_aws: EmbeddedAws, tmp_path: Path) -> None:
    """After step two, every check, policy and test of the module passes with the new table."""
    root, rules = copy_terraform(tmp_path), load_contract(contract)
    add_table(root)
    for tests in root.glob("modules/*/tests"):
        if tests.parent.name != "dynamodb":
            rmtree(tests)
    with closing(run_in(empty_aws, root, rules, tmp_path)) as run:
        stack, report = run.get(plan.planned_stack, "dev"), run.get(policy.policies)
        runs = run.get(plan.tested, "dev")["terraform/modules/dynamodb"]
    verdicts = judged(stack, rules)
    assert {name: found for name, found in verdicts.items() if found != {Verdict.PASS}} == {}
    assert broken(report) == []
    assert broken_source(root, rules) == []
    assert {one.status for one in runs} == {"pass"}


def test_check_of_the_recipe_runs(contract: Path, today: Stack) -> None:
    """The check of the recipe, put into its file, is found and judges each table."""
    path = REPOSITORY / "verification" / "checks" / "stack" / "service.py"
    source = f"{path.read_text(encoding='utf-8')}\n\n{block('check')}"
    namespace: dict[str, object] = {"__name__": "verification.checks.stack.service"}
    exec(compile(source, str(path), "exec"), namespace)
    check = namespace["keys_are_our_own"]
    assert callable(check)
    assert getattr(check, "criterion", "") == "encryption"
    assert tomllib.loads(block("criteria")) == {name_of(check): ["plan", "sandbox"]}
    findings = check(today, load_contract(contract))
    assert {finding.verdict for finding in findings} == {Verdict.FAIL}
    assert all("Set dynamodb_kms_key_arn" in str(finding) for finding in findings)
