"""Every test that was asked for leaves evidence, or the run does not end with 0."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit import copy_suite, copy_terraform, edit, verify
from tests.plugin.conftest import Static

pytestmark = pytest.mark.slow

PINNED = "test_source_keeps_the_rules[conventions.providers_are_pinned]"
FILE = "verification/static/test_source.py"
ALIKE = """
[criteria.checks]
"conventions.environments_share_their_code" = ["static"]
"""
SKIP = """
def pytest_collection_modifyitems(items):
    for item in items:
        if "providers_are_pinned" in item.name:
            item.add_marker(pytest.mark.skip(reason="not today"))
"""
DROP = """
def pytest_collection_modifyitems(items):
    items[:] = [item for item in items if "providers_are_pinned" not in item.name]
"""
LOSE = """
def pytest_runtest_protocol(item):
    return True if "providers_are_pinned" in item.name else None
"""
AFTER_EVIDENCE = """
@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    yield
    if "providers_are_pinned" in item.name:
        {what}
"""
UNEXPECTED = """
from verification.engine.smoke.http_session import Answer, UnexpectedAnswer
from verification.model.findings import Finding
from verification.model.verdict import Verdict

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_{phase}(item):
    if "providers_are_pinned" in item.name:
        raise UnexpectedAnswer(Finding(Verdict.{verdict}, "POST /api/links", "the answer is 500"))
"""
INTERNAL_ERROR = """
def pytest_runtest_logstart(nodeid):
    if "locks_are_committed" in nodeid:
        raise RuntimeError("a plugin broke")
"""
KIND = """
@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    session.exitstatus = 0
"""


@pytest.mark.parametrize(
    ("options", "environ"),
    [(["--setup-only"], {}), ([], {"PYTEST_ADDOPTS": "--setup-plan"})],
    ids=["--setup-only", "--setup-plan"],
)
def test_set_up_only_proves_nothing(
    static: Static, options: list[str], environ: dict[str, str]
) -> None:
    """Where no test ran the run ends with 5, and no report says otherwise."""
    outcome = static(*options, **environ)
    assert outcome.code == 5, outcome.output
    assert outcome.results["outcome"] == "nothing selected"
    assert outcome.verdict("module-pattern", "static") == "not run"
    assert "Everything" not in outcome.output


@pytest.mark.parametrize(
    ("plugin", "why"),
    [(SKIP, "was skipped: not today"), (DROP, "was not selected"), (LOSE, "did not run")],
    ids=["skipped", "dropped", "lost"],
)
def test_test_without_evidence_is_not_run(static: Static, plugin: str, why: str) -> None:
    """One of nineteen tests says nothing: its criterion is not run, with the reason."""
    outcome = static(plugin=plugin)
    assert outcome.code == 6, outcome.output
    assert outcome.silent("module-pattern", "static") == [
        ("conventions.providers_are_pinned", "", why)
    ]
    assert outcome.verdict("module-pattern", "static") == "not run"
    last = outcome.output.splitlines()[-1]
    assert last.startswith("Inconclusive: ")
    assert last.endswith(". Not run: module-pattern. (exit code 6)")


@pytest.mark.parametrize(
    "options",
    [
        ("-k", "not providers_are_pinned"),
        ("--deselect", f"{FILE}::{PINNED}"),
        ("--strict", "-k", "not providers_are_pinned"),
    ],
    ids=["-k", "--deselect", "--strict"],
)
def test_what_a_selection_leaves_out_is_missed(static: Static, options: tuple[str, ...]) -> None:
    """pytest's own selections keep a run from 0."""
    outcome = static(*options)
    assert outcome.code == 6, outcome.output
    assert outcome.silent("module-pattern", "static") == [
        ("conventions.providers_are_pinned", "", "was not selected")
    ]


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("pytest.skip('the rest')", "the test skipped the rest of its work: the rest"),
        ("raise SystemExit(0)", "SystemExit: 0"),
    ],
    ids=["skip", "exit"],
)
def test_test_that_ends_after_evidence_is_an_error(static: Static, what: str, told: str) -> None:
    """What a test had found does not count for what it would have found; the last line says so."""
    outcome = static(plugin=AFTER_EVIDENCE.format(what=what))
    assert outcome.code == 3, outcome.output
    assert outcome.verdict("module-pattern", "static") == "error"
    assert outcome.output.splitlines()[-1].startswith(told)


def test_partial_run_misses_what_it_selected(static: Static) -> None:
    """--partial forgives what was left out, not what was selected and said nothing."""
    outcome = static("-k", "pinned or committed", "--partial", plugin=SKIP)
    assert outcome.code == 6, outcome.output
    assert [one[0] for one in outcome.silent("module-pattern", "static")] == [
        "conventions.providers_are_pinned"
    ]


def test_one_test_by_its_name_is_a_part(tmp_path: Path) -> None:
    """What a test id leaves out, pytest does not even collect: it is missed all the same."""
    outcome = verify(tmp_path, f"{FILE}::{PINNED}")
    assert outcome.code == 6, outcome.output
    assert len(outcome.silent("module-pattern", "static")) == 4


def test_stopped_run_is_not_better_than_a_whole_one(tmp_path: Path) -> None:
    """After the first failure the rest is not run, and the failure stays."""
    root = copy_terraform(tmp_path)
    edit(root / "modules/dynamodb/versions.tf", '"~> 5.100"', '">= 5.100"')
    reports = tmp_path / "reports"
    outcome = verify(reports, "verification/static", "--maxfail=1", "--terraform-root", root)
    assert outcome.code == 1, outcome.output
    assert outcome.failed() == {"module-pattern"}
    assert ("wiring.the_port_is_one", "", "did not run") in outcome.silent(
        "pipeline-wiring", "static"
    )


@pytest.mark.parametrize(
    ("phase", "verdict", "code", "shown"),
    [
        ("setup", "FAIL", 1, "fail"),
        ("call", "FAIL", 3, "error"),
        ("setup", "UNKNOWN", 6, "unknown"),
        ("call", "UNKNOWN", 6, "unknown"),
    ],
)
def test_unexpected_answer_is_a_finding(
    static: Static, phase: str, verdict: str, code: int, shown: str
) -> None:
    """What the application answered to the scenario of a test is what the test found.

    A test that asks for a scenario in its call is about something else: an error, unless unknown.
    """
    outcome = static(plugin=UNEXPECTED.format(phase=phase, verdict=verdict))
    assert outcome.code == code, outcome.output
    assert outcome.verdict("module-pattern", "static") == shown
    assert "POST /api/links: the answer is 500" in outcome.output


def test_what_broke_in_pytest_stays_broken(static: Static) -> None:
    """An INTERNALERROR is 3, whatever was proven before it."""
    outcome = static(plugin=INTERNAL_ERROR)
    assert outcome.code == 3, outcome.output
    assert outcome.results["outcome"] == "tool error"


def test_no_plugin_ends_a_run_better(static: Static) -> None:
    """A plugin that sets pytest's exit code to 0 does not set ours."""
    outcome = static(plugin=SKIP + KIND)
    assert outcome.code == 6, outcome.output


@pytest.mark.parametrize("more", [(), ("--continue-on-collection-errors",)], ids=["", "continued"])
def test_file_that_cannot_be_read_is_named(tmp_path: Path, more: tuple[str, ...]) -> None:
    """A test file whose import fails ends the run with 2, and every report names it."""
    suite = copy_suite(tmp_path / "suite")
    (suite / "verification/static/test_more.py").write_text("import no_such_module\n", "utf-8")
    reports = tmp_path / "reports"
    outcome = verify(reports, "verification/static", *more, repository=suite)
    assert outcome.code == 2, outcome.output
    named = "verification/static/test_more.py could not be read: ModuleNotFoundError: "
    assert any(note.startswith(named) for note in outcome.results["notes"])
    assert f"Note: {named}" in outcome.output
    for name in ("report.html", "junit.xml"):
        assert "test_more" in (reports / name).read_text(encoding="utf-8")
    assert "AttributeError" not in outcome.output
    assert "Everything" not in outcome.output


def test_deleted_test_file_is_missed(tmp_path: Path) -> None:
    """The checks that went with a file are told from those that were left out."""
    suite = copy_suite(tmp_path / "suite")
    (suite / "verification/plan/test_privileges.py").unlink()
    arguments = ("verification/plan", "-k", "files_are_formatted")
    outcome = verify(tmp_path / "reports", *arguments, repository=suite)
    assert outcome.code == 6, outcome.output
    gone = outcome.silent("least-privilege", "plan")
    assert ("privileges.allow_nothing_beyond", "", "was not collected") in gone
    left_out = outcome.silent("task-role-permissions", "plan")
    assert ("access.task_role_has_the_policy", "prod", "was not selected") in left_out


def test_unlisted_check_is_refused_with_its_line(tmp_path: Path) -> None:
    """A check that nobody listed ends the run with 4 before anything runs; its line is named."""
    suite = copy_suite(tmp_path / "suite")
    line = '"conventions.providers_are_pinned" = ["static"]\n'
    edit(suite / "verification/criteria.toml", line, "")
    outcome = verify(tmp_path / "reports", "verification/static", repository=suite)
    assert outcome.code == 4, outcome.output
    assert f"for module-pattern on static: add {line.strip()} to its checks." in outcome.output
    assert outcome.results["steps"] == []
    assert "Traceback" not in outcome.output


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('rungs = ["static"]', "rungs = []", "environments-alike: has no rungs; add at least one"),
        (f'["static"]\n{ALIKE}', '["static"]\n', "no check proves environments-alike: add one "),
    ],
    ids=["no rung", "no check"],
)
def test_criterion_that_nothing_proves_is_refused(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    """A promise that no check is asked for ends the run with 4, though its check is gone, too."""
    suite = copy_suite(tmp_path / "suite")
    file = suite / "verification/criteria.toml"
    head, name, block = file.read_text("utf-8").partition('id = "environments-alike"')
    assert old in block
    block = block.replace(old, new, 1).replace(ALIKE, "\n", 1)
    file.write_text(head + name + block, encoding="utf-8")
    conventions = suite / "verification/checks/source/conventions.py"
    edit(conventions, '@proves("environments-alike")\n', "")
    outcome = verify(tmp_path / "reports", "verification/static", repository=suite)
    assert outcome.code == 4, outcome.output
    assert says in outcome.output
    assert "Traceback" not in outcome.output


def test_what_is_on_no_rung_is_refused(tmp_path: Path) -> None:
    """Tests of the verifier and rungs do not go into one run; nothing breaks."""
    outcome = verify(tmp_path, "tests/policies/test_layout.py", "verification/static")
    assert outcome.code == 4, outcome.output
    assert "test_layout.py::" in outcome.output
    assert "is not on a rung; run it separately." in outcome.output
    assert "INTERNALERROR" not in outcome.output
