"""What follows from the evidence: a status for each criterion and rung, and an exit code."""

import pytest

from verification.engine.report.results import Evidence, ExitCode, Results
from verification.model.criteria import Criterion
from verification.model.findings import Finding
from verification.model.values import Verdict

PASS, FAIL, UNKNOWN, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN, Verdict.ERROR
TABLES = Criterion("tables", "Tables exist", "infrastructure", "Criteria", ("plan", "sandbox"))
LINKS = Criterion("links", "Links expire", "links", "Criteria", ("smoke",))
CRITERIA = {criterion.id: criterion for criterion in (TABLES, LINKS)}


def evidence(verdict: Verdict, rung: str = "plan", **more: object) -> Evidence:
    """Return evidence for the tables."""
    given = {"criterion": "tables", "environment": "dev", "check": "tables.exist"} | more
    return Evidence(rung=rung, verdict=verdict, **given)


def results(*found: Evidence, asked: tuple[str, ...] = ("plan", "sandbox")) -> Results:
    """Return results in which a test for the tables exists on each of their rungs."""
    made = Results(CRITERIA, asked)
    for rung in TABLES.rungs:
        made.expect("tables", rung)
    for one in found:
        made.add(one)
    return made


def unavailable() -> Evidence:
    """Return evidence that this machine lacks something."""
    return evidence(ERROR, unavailable=True)


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [
        ([PASS, FAIL], "fail"),
        ([ERROR, FAIL], "fail"),
        ([PASS, UNKNOWN, ERROR], "error"),
        ([UNKNOWN, PASS], "unknown"),
        ([PASS, PASS], "pass"),
    ],
    ids=["fail", "fail over error", "error", "unknown", "pass"],
)
def test_worst_verdict_is_the_cells(verdicts: list[Verdict], status: str) -> None:
    """A criterion is only as good as the worst that was found of it, in whatever order."""
    for order in (verdicts, verdicts[::-1]):
        assert results(*map(evidence, order)).cell(TABLES, "plan").status == status


def test_cell_counts_what_was_examined() -> None:
    """A cell holds its own evidence only, and counts the things that were examined."""
    two = (Finding(PASS, "a", "is on"), Finding(PASS, "b", "is on"))
    made = results(evidence(PASS, findings=two), evidence(PASS, findings=two[:1]))
    made.add(evidence(PASS, "sandbox", findings=two))
    assert made.cell(TABLES, "plan").examined == 3


@pytest.mark.parametrize(
    ("criterion", "rung", "status"),
    [
        (LINKS, "plan", "not required"),
        (TABLES, "sandbox", "not run"),
        (LINKS, "smoke", "not yet verified"),
    ],
    ids=["not required", "not selected", "no test"],
)
def test_cell_without_evidence(criterion: Criterion, rung: str, status: str) -> None:
    """Without evidence a cell never passes: it says whether anybody could have proven it."""
    assert results(asked=("plan", "sandbox", "smoke")).cell(criterion, rung).status == status


def test_rung_that_was_not_asked_for() -> None:
    """What nobody asked for was not run, whether or not a test for it exists."""
    made = results(asked=("plan",))
    assert [made.cell(TABLES, "sandbox").status, made.cell(LINKS, "smoke").status] == [
        "not run"
    ] * 2
    assert made.unverified() == []


def test_unverified_criteria() -> None:
    """A criterion that no test proves on a rung that was asked for is unverified."""
    assert results(asked=("plan", "smoke")).unverified() == [LINKS]


@pytest.mark.parametrize(
    "later",
    [
        [],
        [evidence(PASS)],
        [evidence(UNKNOWN, "sandbox")],
        [evidence(PASS, "sandbox", environment="prod")],
        [evidence(PASS, "sandbox", check="tables.others")],
    ],
    ids=["nothing", "same rung", "unknown again", "another environment", "another check"],
)
def test_unknown_stays_open(later: list[Evidence]) -> None:
    """An unknown stays open unless the same check passes there on a later rung."""
    made = results(evidence(UNKNOWN), *later)
    assert evidence(UNKNOWN) in made.open_unknowns()
    assert made.exit_code(strict=False) is ExitCode.INCONCLUSIVE


def test_unknown_is_decided_by_a_later_rung() -> None:
    """What the plan could not know is proven once the same check passes on what was applied."""
    made = results(evidence(UNKNOWN), evidence(PASS, "sandbox"))
    assert made.open_unknowns() == []
    assert made.exit_code(strict=False) is ExitCode.PROVEN


@pytest.mark.parametrize(("rung", "still_open"), [("sandbox", 0), ("plan", 1)])
def test_unknown_policy_is_decided_by_its_criterion(rung: str, still_open: int) -> None:
    """No later rung has policies: there, another check of the same promise decides."""
    unknown = evidence(UNKNOWN, "policy", check="policy.CKV_FSP_1", environment="")
    assert len(results(unknown, evidence(PASS, rung)).open_unknowns()) == still_open


def test_waived_is_proven() -> None:
    """What somebody answers for does not keep a run from 0, and is not called a pass."""
    made = results(evidence(Verdict.WAIVED), evidence(PASS))
    assert made.cell(TABLES, "plan").status == "waived"
    assert made.exit_code(strict=False) is ExitCode.PROVEN


def test_earlier_rung_decides_nothing() -> None:
    """What is unknown after an apply is not excused by a plan that said otherwise."""
    assert results(evidence(PASS), evidence(UNKNOWN, "sandbox")).open_unknowns()


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ([evidence(FAIL), evidence(ERROR), unavailable(), evidence(UNKNOWN)], "CRITERION_FAILED"),
        ([unavailable(), evidence(ERROR), evidence(UNKNOWN)], "TOOL_ERROR"),
        ([unavailable(), evidence(UNKNOWN)], "ENVIRONMENT_UNAVAILABLE"),
        ([evidence(UNKNOWN), evidence(PASS)], "INCONCLUSIVE"),
        ([evidence(PASS)], "PROVEN"),
    ],
    ids=["fail", "error", "unavailable", "unknown", "pass"],
)
@pytest.mark.parametrize("strict", [True, False], ids=["strict", "not strict"])
def test_exit_code(found: list[Evidence], code: str, strict: bool) -> None:
    """The exit code is that of the worst: failure, tool, machine, open question, in this order."""
    assert results(*found).exit_code(strict).name == code


@pytest.mark.parametrize(("strict", "code"), [(True, 6), (False, 0)], ids=["strict", "not strict"])
def test_unverified_criterion_ends_a_strict_run(strict: bool, code: int) -> None:
    """A criterion that no test proves is inconclusive in a strict run, and only there."""
    assert results(evidence(PASS), asked=("plan", "smoke")).exit_code(strict) == code


def test_rungs_keep_the_ladders_order() -> None:
    """The rungs that were asked for stand in the order in which they are climbed."""
    assert results(asked=("smoke", "static", "plan")).asked == ("static", "plan", "smoke")
