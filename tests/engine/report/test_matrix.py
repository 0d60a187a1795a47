"""The matrix and the last line say what is proven, what is not, and how much was examined."""

import pytest
from rich.console import Console

from verification.engine.report.terminal import last_line, matrix
from verification.engine.report.words import sentence
from verification.model.criteria import Criterion
from verification.model.findings import Finding
from verification.model.proofs import Proof
from verification.model.results import Evidence, ExitCode, Results
from verification.model.verdict import Verdict

EXIST = {"tables.exist": ("plan", "sandbox")}
RING = {"alarms.ring": ("plan",)}
TABLES = Criterion(
    "tables", "Tables exist", "infrastructure", "", ("plan", "sandbox"), checks=EXIST
)
ALARMS = Criterion("alarms", "Alarms ring", "infrastructure", "", ("plan",), checks=RING)
LINKS = Criterion("links", "Links expire", "links", "", ("smoke",))
WORST = {
    Verdict.FAIL: "✗ fail 2",
    Verdict.ERROR: "! error 2",
    Verdict.UNKNOWN: "? unknown 2",
    Verdict.WAIVED: "~ waived 2",
    Verdict.PASS: "✓ 2",
}


def results(*verdicts: Verdict, asked: tuple[str, ...] = ("plan", "sandbox", "smoke")) -> Results:
    """Return results with evidence for the tables' plan; no check proves the links."""
    made = Results({one.id: one for one in (TABLES, ALARMS, LINKS)}, asked)
    if verdicts:
        made.proofs.expect(Proof("", "tables", "plan", "tables.exist", "dev"))
    for verdict in verdicts:
        findings = (Finding(verdict, "a", "is"), Finding(Verdict.PASS, "b", "is"))
        made.add(Evidence("tables", "plan", "dev", "tables.exist", verdict, findings))
    return made


def rows(made: Results) -> dict[str, list[str]]:
    """Return the matrix as a reader sees it: the cells of each row, by its first."""
    console = Console(width=120)
    with console.capture() as captured:
        console.print(matrix(made))
    split = [line.strip("│┃ ") for line in captured.get().splitlines() if line[:1] in "│┃"]
    cells = [[cell.strip() for cell in line.replace("┃", "│").split("│")] for line in split]
    return {row[0]: row[1:] for row in cells}


@pytest.mark.parametrize(("verdict", "cell"), WORST.items(), ids=lambda value: str(value))
def test_cell_says_verdict_and_number(verdict: Verdict, cell: str) -> None:
    """A cell shows its verdict in a sign and a word, and how many things were examined."""
    assert rows(results(verdict))["tables"][0] == cell


def test_what_did_not_run_does_not_look_proven() -> None:
    """No cell without evidence shows the sign of a pass."""
    shown = rows(results())
    assert shown["tables"][:2] == ["not run", "not run"]
    assert shown["links"][-1] == "not yet verified"
    assert not any("✓" in cell for row in shown.values() for cell in row)


def test_only_rungs_that_were_asked_for_are_shown() -> None:
    """A run of one rung shows that rung, and the criteria that it is to prove."""
    shown = rows(results(asked=("static", "plan")))
    assert shown == {"criterion": ["plan"], "tables": ["not run"], "alarms": ["not run"]}


def test_failed_criteria_are_named() -> None:
    """The last line of a failed run names the criteria that failed, and those that are missing."""
    line = last_line(results(Verdict.FAIL, asked=("plan",)), ExitCode.CRITERION_FAILED)
    assert line == "Failed: tables. Not run: alarms. (exit code 1)"


@pytest.mark.parametrize(
    "code", [ExitCode.PROVEN, ExitCode.CRITERION_FAILED, ExitCode.TOOL_ERROR, ExitCode.INCONCLUSIVE]
)
def test_unverified_criteria_are_named(code: ExitCode) -> None:
    """The last line names the criteria that no check proves, however the run ended."""
    assert last_line(results(Verdict.FAIL), code).endswith(
        f". Not run: alarms. Not yet verified: links. (exit code {int(code)})"
    )


def test_part_is_not_called_everything() -> None:
    """A partial run that ends with 0 says what it left out, the first few by name."""
    names = [f"criterion-{number}" for number in range(8)]
    line = sentence(ExitCode.PROVEN, [], [], [], names)
    assert line == (
        "Proven of what was selected; left out: criterion-0, criterion-1, criterion-2, "
        "criterion-3, criterion-4 and 3 more. (exit code 0)"
    )
    assert "Everything" in sentence(ExitCode.PROVEN, [], [], [], [])


@pytest.mark.parametrize("code", [ExitCode.TOOL_ERROR, ExitCode.ENVIRONMENT_UNAVAILABLE])
def test_what_broke_is_named(code: ExitCode) -> None:
    """The last line tells the error of most tests in its first sentence, not the code's words."""
    errors = ["No disk. Free some.", *["restore broke in dev: it was cut off.\nMore."] * 2, "x"]
    line = sentence(code, [], [], errors=errors)
    assert line == f"restore broke in dev: it was cut off (and 2 more). (exit code {int(code)})"
    assert len(sentence(code, [], [], errors=["word " * 1000])) < 300


def test_what_broke_beside_a_failure_is_named() -> None:
    """A failure outranks what broke, and does not hide it."""
    line = sentence(ExitCode.CRITERION_FAILED, ["tables"], [], errors=["restore broke. Again."])
    assert line == "Failed: tables. Error: restore broke. (exit code 1)"


@pytest.mark.parametrize("code", [ExitCode.USAGE, ExitCode.NOTHING_SELECTED, ExitCode.INTERRUPTED])
def test_run_that_judged_nothing_blames_nobody(code: ExitCode) -> None:
    """A run that never got so far as to judge does not speak of unverified criteria."""
    line = last_line(results(), code)
    assert "Not yet verified" not in line
    assert "Not run" not in line


@pytest.mark.parametrize("code", list(ExitCode), ids=lambda code: code.name)
def test_every_end_has_its_words(code: ExitCode) -> None:
    """However a run ends, its last line is one line that says so with the exit code."""
    line = last_line(results(), code)
    assert line.endswith(f"(exit code {int(code)})")
    assert "\n" not in line


def test_only_a_proven_run_says_so() -> None:
    """No other end of a run claims that everything is proven."""
    claims = [c for c in ExitCode if "Everything" in last_line(results(), c)]
    assert claims == [ExitCode.PROVEN]
