"""What a team's PYTEST_ADDOPTS brings along neither improves a verdict nor ends a run early."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.report.kit import PASSED
from tests.kit import copy_terraform, edit
from tests.plugin.conftest import Static
from verification.engine.report.writer import write_reports

pytestmark = pytest.mark.slow

# As pytest-rerunfailures does it: the whole protocol again, and only the last reports are logged.
RERUNS = """
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    for attempt in range(3):
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
        if attempt == 2 or not any(report.failed for report in reports):
            for report in reports:
                item.ihook.pytest_runtest_logreport(report=report)
            return True
"""
HICCUP = """
HAPPENED = []

@pytest.fixture(autouse=True)
def hiccup(request):
    if not HAPPENED and PHASE == "setup":
        HAPPENED.append(1)
        raise OSError("a hiccup of the machine")
    yield
    if not HAPPENED:
        HAPPENED.append(1)
        raise OSError("a hiccup of the machine")
"""
BACKWARDS = """
@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    items.reverse()
"""
BUILT_IN = (
    *("terminal", "capture", "junitxml", "logging", "warnings", "cacheprovider", "tmpdir"),
    *("stepwise", "debugging", "faulthandler", "unraisableexception", "threadexception"),
)


@pytest.fixture(name="broken")
def _broken(tmp_path: Path) -> Path:
    """Terraform with a provider that is not pinned."""
    root = copy_terraform(tmp_path)
    edit(root / "modules/dynamodb/versions.tf", '"~> 5.100"', '">= 5.100"')
    return root


@pytest.mark.parametrize("phase", ["setup", "teardown"])
def test_replaced_attempt_is_a_note(static: Static, phase: str) -> None:
    """A hiccup that a rerun got over is no verdict, is told, and nothing is counted twice."""
    plain = static()
    outcome = static(plugin=RERUNS + f"PHASE = {phase!r}\n" + HICCUP)
    assert outcome.code == 0, outcome.output
    [note] = [note for note in outcome.results["notes"] if "on attempt" in note]
    assert note.endswith(" passed on attempt 2 after: OSError: a hiccup of the machine")
    assert f"Note: {note}" in outcome.output
    assert outcome.examined() == plain.examined() > 0


def test_hiccup_without_a_rerun_is_an_error(static: Static) -> None:
    """The same hiccup in a run that nobody repeats is told as an error, and counts once."""
    outcome = static(plugin="PHASE = 'teardown'\n" + HICCUP)
    assert outcome.code == 3, outcome.output
    cells = [c["rungs"].get("static", {"evidence": []}) for c in outcome.results["criteria"]]
    evidence = [one for cell in cells for one in cell["evidence"]]
    assert [len(one["findings"]) for one in evidence if one["verdict"] == "error"] == [0]
    assert len(evidence) == 21


def test_fault_stays_red_whatever_is_rerun(static: Static, broken: Path) -> None:
    """The last attempt fails as the first did."""
    outcome = static("--terraform-root", broken, plugin=RERUNS)
    assert outcome.code == 1, outcome.output
    assert outcome.failed() == {"module-pattern"}
    assert any("did not pass on attempt 3 after: " in note for note in outcome.results["notes"])


def test_order_does_not_matter(static: Static, broken: Path) -> None:
    """Backwards the same fails, and nothing else."""
    assert static("--terraform-root", broken, plugin=BACKWARDS).failed() == {"module-pattern"}


@pytest.mark.parametrize(
    ("options", "environ"),
    [
        (["--numprocesses=2"], {}),
        ([], {"PYTEST_ADDOPTS": "--numprocesses=2"}),
        (["--dist=load"], {}),
        (["--tx=popen"], {}),
    ],
    ids=["-n", "PYTEST_ADDOPTS", "--dist", "--tx"],
)
def test_distribution_is_refused(
    static: Static, options: list[str], environ: dict[str, str]
) -> None:
    """Tests in other processes leave no evidence here: 4 and one sentence."""
    outcome = static(*options, **environ)
    assert outcome.code == 4, outcome.output
    assert outcome.output.count("-n, --dist, --tx and --forked run tests in processes") == 1
    assert "Traceback" not in outcome.output


def test_no_distribution_is_none(static: Static) -> None:
    """`-n 0` is what pytest does anyway."""
    assert static("--numprocesses=0").code == 0


def test_collecting_proves_nothing_and_says_so(static: Static, tmp_path: Path) -> None:
    """The code of --collect-only is pytest's own; no earlier report is left to speak for it."""
    write_reports(tmp_path / "reports", PASSED)
    outcome = static("--collect-only")
    assert outcome.code == 0, outcome.output
    last = outcome.output.splitlines()[-1]
    assert last == "Only collected: no test ran, so nothing is proven."
    assert not (tmp_path / "reports" / "report.html").exists()


@pytest.mark.parametrize(
    ("variable", "named"),
    [
        ("--co", "--collect-only"),
        ("-q --collectonly", "--collect-only"),
        ("--help", "--help"),
        ("-VV", "--version"),
        ("--fixtures", "--fixtures"),
    ],
)
def test_variable_with_which_no_test_runs_is_refused(
    static: Static, tmp_path: Path, variable: str, named: str
) -> None:
    """What nobody typed cannot let a run of rungs that runs nothing end with 0."""
    write_reports(tmp_path / "reports", PASSED)
    outcome = static(PYTEST_ADDOPTS=variable)
    assert outcome.code == 4, outcome.output
    said = f"ERROR: PYTEST_ADDOPTS has {named}, with which no test runs: remove it there, and "
    assert said in outcome.output
    assert not (tmp_path / "reports" / "report.html").exists()


@pytest.mark.parametrize("plugins", [BUILT_IN[:1], BUILT_IN], ids=["terminal", "most"])
def test_run_does_without_pytests_plugins(static: Static, plugins: tuple[str, ...]) -> None:
    """Whatever of pytest's own is switched off, the verdict is the same."""
    outcome = static(*(f"-pno:{name}" for name in plugins))
    assert outcome.code == 0, outcome.output
    assert outcome.output.endswith("All criteria of the selected rungs are proven. (exit code 0)\n")


def test_run_does_not_do_without_its_own(static: Static) -> None:
    """Without the plugin that judges there is no run."""
    outcome = static("-pno:verification")
    assert outcome.code == 4, outcome.output
    assert "-p no:verification disables the suite's plugin" in outcome.output


@pytest.mark.parametrize(
    "setting",
    [{"PYTHONOPTIMIZE": "1"}, {"PYTHONOPTIMIZE": "2", "PYTHONWARNINGS": "error"}],
    ids=["-O", "-OO and warnings"],
)
def test_interpreters_settings_change_no_verdict(
    static: Static, broken: Path, setting: dict[str, str]
) -> None:
    """Without asserts, docstrings or patience a clean tree is green, and a fault is red."""
    assert static(**setting).code == 0
    assert static("--terraform-root", broken, **setting).failed() == {"module-pattern"}


def test_warning_of_a_plugin_ends_nothing(static: Static) -> None:
    """What somebody's plugin warns of is shown, and is no error of the rungs."""
    warns = "import warnings\n\ndef pytest_configure():\n    warnings.warn('old')\n"
    warns += "\ndef pytest_runtest_setup():\n    warnings.warn('older', DeprecationWarning)\n"
    outcome = static(plugin=warns)
    assert outcome.code == 0, outcome.output
    assert "older" in outcome.output


def test_strict_is_the_default(static: Static) -> None:
    """pytest's --strict changes nothing, and does not go together with --partial."""
    assert static("--strict").code == 0
    outcome = static("--strict", "--partial")
    assert (outcome.code, "contradict each other" in outcome.output) == (4, True), outcome.output
