"""Every environment is examined, or the run says which was not."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path
from shutil import copy

import pytest

from tests.kit import REPOSITORY, copy_suite, copy_terraform, edit, verify
from verification.model.contract import load_contract
from verification.model.data_file import ContractError
from verification.plugin.environments import Environments, select_environments

CONTRACT = REPOSITORY / "verification" / "contract.toml"


@pytest.fixture(name="tree")
def _tree(tmp_path: Path) -> Path:
    """The repository's Terraform, with a third environment that holds no file yet."""
    root = copy_terraform(tmp_path)
    (root / "environments" / "stage").mkdir()
    return root


@pytest.fixture(name="without_prod")
def _without_prod(tmp_path: Path) -> Path:
    """A contract that no longer names prod."""
    text = CONTRACT.read_text(encoding="utf-8").partition("[environments.prod]")[0]
    (tmp_path / "contract.toml").write_text(text, encoding="utf-8")
    copy(CONTRACT.with_name("prices.toml"), tmp_path)
    return tmp_path / "contract.toml"


def options(root: Path, *named: str) -> Namespace:
    """Options of a run over a tree."""
    return Namespace(terraform_root=root, contract=CONTRACT, environment=list(named))


@pytest.mark.slow
def test_environment_that_was_left_out_is_named(tmp_path: Path) -> None:
    """One environment may be asked for; what only the other demands is not proven by it."""
    environ = os.environ | {"PYTEST_ADDOPTS": "--environment dev"}
    outcome = verify(tmp_path, "verification/plan", environ=environ)
    assert outcome.code == 0, outcome.output
    assert outcome.verdict("tables-created", "plan") == "pass"
    assert outcome.verdict("production-protection", "plan") == "not run"
    for note in (
        "PYTEST_ADDOPTS adds --environment dev.",
        "--environment selects dev; left out on plan: prod.",
    ):
        assert f"Note: {note}" in outcome.output
        assert note in (tmp_path / "report.html").read_text(encoding="utf-8")
    named = "left out: backup-and-restore, production-protection. (exit code 0)"
    assert outcome.output.splitlines()[-1].endswith(named)


@pytest.mark.slow
def test_environment_without_a_test_is_missed(tmp_path: Path) -> None:
    """A check that has a test in dev alone says nothing of prod."""
    suite = copy_suite(tmp_path / "suite")
    edit(
        suite / "verification/conftest.py",
        "plugin.environments if each else plugin.environments[:1]",
        "plugin.environments[:1]",
    )
    arguments = ("verification/plan", "-k", "files_are_formatted")
    outcome = verify(tmp_path / "reports", *arguments, repository=suite)
    assert outcome.code == 6, outcome.output
    missing = outcome.silent("production-protection", "plan")
    assert ("protection.serves_https", "prod", "was not collected") in missing
    assert outcome.silent("terraform-clean", "plan") == [
        ("test_plan_gives_no_warning", "dev", "was not selected"),
        ("test_plan_gives_no_warning", "prod", "was not collected"),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("rung", ["static", "plan"])
def test_environment_that_the_contract_does_not_name(
    tmp_path: Path, without_prod: Path, rung: str
) -> None:
    """Terraform that nothing would examine ends the run with 4, and with what to add."""
    arguments = (f"verification/{rung}", "--contract", without_prod)
    outcome = verify(tmp_path / "reports", *arguments)
    assert outcome.code == 4, outcome.output
    said = (
        f"{REPOSITORY}/terraform/environments/prod: the contract does not have this environment, "
        f"so it is not examined; add [environments.prod] to {without_prod}, or remove the "
        "folder"
    )
    assert said in outcome.output


@pytest.mark.parametrize("file", ["main.tf", "main.tf.json", "network/main.tf"])
def test_terraform_in_a_folder_without_a_name_is_refused(tree: Path, file: str) -> None:
    """Whatever Terraform reads counts, also in a folder of its own."""
    path = tree / "environments" / "stage" / file
    path.parent.mkdir(exist_ok=True)
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(ContractError, match=r"add \[environments\.stage\] to "):
        select_environments(options(tree), load_contract(CONTRACT))


@pytest.mark.parametrize("file", ["README.md", ".terraform/modules/network/main.tf"])
def test_folder_without_terraform_is_none(tree: Path, file: str) -> None:
    """What an init left behind, and what Terraform does not read, is no environment."""
    path = tree / "environments" / "stage" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("", encoding="utf-8")
    chosen = select_environments(options(tree), load_contract(CONTRACT))
    assert chosen == Environments(("dev", "prod"), ())


@pytest.mark.parametrize(
    ("named", "rungs", "note"),
    [
        ([], ["plan", "sandbox"], ""),
        (["prod", "dev"], ["plan", "sandbox"], ""),
        (["dev"], ["static", "policy", "smoke"], ""),
        (
            ["prod"],
            ["static", "plan", "sandbox"],
            "--environment selects prod; left out on plan and sandbox: dev.",
        ),
    ],
    ids=["none", "all", "on other rungs", "one"],
)
def test_note_names_what_is_left_out(named: list[str], rungs: list[str], note: str) -> None:
    """It names rungs and environments, and is silent where nothing is left out."""
    given = options(REPOSITORY / "terraform", *named)
    assert select_environments(given, load_contract(CONTRACT)).note(rungs) == note
