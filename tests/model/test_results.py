"""What follows from the evidence: a status for each criterion and rung, and an exit code."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from verification.model.criteria import Criterion, Rung
from verification.model.findings import Finding
from verification.model.proofs import Proof, Silence
from verification.model.results import Evidence, ExitCode, Results, final_code
from verification.model.verdict import Verdict

PASS, FAIL, UNKNOWN, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN, Verdict.ERROR
TABLES = Criterion(
    "tables",
    "Tables exist",
    "infrastructure",
    "Criteria",
    ("plan", "sandbox"),
    checks={"tables.exist": ("plan", "sandbox")},
)
LINKS = Criterion("links", "Links expire", "links", "Criteria", ("smoke",))
CRITERIA = {criterion.id: criterion for criterion in (TABLES, LINKS)}


def evidence(verdict: Verdict, rung: str = "plan", **more: Any) -> Evidence:
    """Return evidence for the tables."""
    given = {"criterion": "tables", "environment": "dev", "check": "tables.exist", **more}
    return Evidence(rung=rung, verdict=verdict, test=rung, **given)


def results(*found: Evidence, asked: tuple[str, ...] = ("plan", "sandbox")) -> Results:
    """Return results in which tests for the tables exist on those of their rungs that are given."""
    made = Results(CRITERIA, asked)
    for rung in {one.rung for one in found}:
        made.proofs.expect(Proof(rung, "tables", rung, "tables.exist", "dev"))
    for one in found:
        made.add(one)
    return made


def whole(*found: Evidence) -> Results:
    """Return results of a run of just the rungs on which something was found."""
    return results(*found, asked=tuple({one.rung for one in found}))


def selected(*tests: str, partial: bool = False) -> Results:
    """Return results of two tests of the tables on the plan rung, of which some were selected."""
    made = Results(CRITERIA, ("plan",), partial)
    for name in ("one", "two"):
        made.proofs.expect(Proof(name, "tables", "plan", "tables.exist", name))
    made.proofs.select(tests)
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
    assert made.exit_code() is ExitCode.INCONCLUSIVE


def test_unknown_is_decided_by_a_later_rung() -> None:
    """What the plan could not know is proven once the same check passes on what was applied."""
    made = whole(evidence(UNKNOWN), evidence(PASS, "sandbox"))
    assert made.open_unknowns() == []
    assert made.exit_code() is ExitCode.PROVEN


@pytest.mark.parametrize(("rung", "still_open"), [("sandbox", 0), ("plan", 1)])
def test_unknown_policy_is_decided_by_its_criterion(rung: str, still_open: int) -> None:
    """No later rung has policies: there, another check of the same promise decides."""
    unknown = evidence(UNKNOWN, "policy", check="policy.CKV_FSP_1", environment="")
    assert len(results(unknown, evidence(PASS, rung)).open_unknowns()) == still_open


@pytest.mark.parametrize(
    ("passed_in", "still_open"),
    [(["dev"], 1), (["prod"], 0), (["dev", "prod"], 0), ([], 1)],
    ids=["dev", "prod", "both", "nowhere"],
)
def test_unknown_policy_is_decided_where_it_is_unknown(
    passed_in: list[str], still_open: int
) -> None:
    """A pass in dev says nothing of what only prod's plan left open."""
    finding = Finding(UNKNOWN, "aws_x.y", "not resolved", environments=("prod",))
    unknown = evidence(UNKNOWN, "policy", check="policy.CKV", environment="", findings=(finding,))
    others = [
        evidence(PASS, "sandbox", environment=name, criterion="links") for name in ("dev", "prod")
    ]
    proofs = [evidence(PASS, "sandbox", environment=name) for name in passed_in]
    assert len(results(unknown, *others, *proofs).open_unknowns()) == still_open


def test_waived_is_proven() -> None:
    """What somebody answers for does not keep a run from 0, and is not called a pass."""
    made = whole(evidence(Verdict.WAIVED), evidence(PASS))
    assert made.cell(TABLES, "plan").status == "waived"
    assert made.exit_code() is ExitCode.PROVEN


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
def test_exit_code(found: list[Evidence], code: str) -> None:
    """The exit code is that of the worst: failure, tool, machine, open question, in this order."""
    assert whole(*found).exit_code().name == code


@pytest.mark.parametrize(("partial", "code"), [(False, 6), (True, 0)], ids=["whole", "partial"])
def test_unverified_criterion_is_inconclusive(partial: bool, code: int) -> None:
    """A criterion that no check proves keeps a run from 0, unless it asks for a part only."""
    made = results(evidence(PASS), asked=("plan", "smoke"))
    made.partial = partial
    assert made.exit_code() == code


def test_run_without_evidence_proves_nothing() -> None:
    """Where nothing spoke, nothing is proven, however much was collected."""
    assert selected("one", "two").exit_code() is ExitCode.NOTHING_SELECTED


def test_listed_check_without_a_test_is_missed() -> None:
    """A check that must speak and that no test has any more keeps its criterion from proven."""
    made = results(evidence(PASS))
    assert made.cell(TABLES, "sandbox").missing == (
        Silence("tables.exist", "", "was not collected"),
    )
    assert made.unproven() == [TABLES]
    assert made.exit_code() is ExitCode.INCONCLUSIVE


@pytest.mark.parametrize(
    ("tests", "why"),
    [(["one", "two"], "did not run"), (["one"], "was not selected")],
    ids=["lost", "left out"],
)
def test_silent_test_is_missed(tests: list[str], why: str) -> None:
    """A pass of one environment does not hide that the other one said nothing."""
    made = selected(*tests)
    made.add(Evidence("tables", "plan", "one", "tables.exist", PASS, test="one"))
    assert made.cell(TABLES, "plan").status == "not run"
    assert made.cell(TABLES, "plan").missing == (Silence("tables.exist", "two", why),)
    assert made.exit_code() is ExitCode.INCONCLUSIVE


@pytest.mark.parametrize(
    ("tests", "code"), [(["one", "two"], 6), (["one"], 0)], ids=["lost", "left out"]
)
def test_partial_run_judges_what_was_selected(tests: list[str], code: int) -> None:
    """What was left out is named; what was selected and lost keeps the run from 0 all the same."""
    made = selected(*tests, partial=True)
    made.add(Evidence("tables", "plan", "one", "tables.exist", PASS, test="one"))
    assert made.exit_code() == code
    assert bool(made.left_out()) is (code == 0)


def test_skip_is_told() -> None:
    """Why a test said nothing is told where somebody knows."""
    made = selected("one", "two")
    made.proofs.explain("two", "was skipped: no reason")
    assert [silence.why for silence in made.cell(TABLES, "plan").missing] == [
        "did not run",
        "was skipped: no reason",
    ]


def test_what_options_do_not_ask_for_is_not_missed() -> None:
    """A listed check whose tests are all for another target may be silent."""
    made = Results(CRITERIA, ("plan",))
    made.proofs.excuse(Proof("one", "tables", "plan", "tables.exist"))
    assert made.cell(TABLES, "plan").missing == ()
    assert made.unproven() == []


@pytest.mark.parametrize(
    ("once", "rung", "missed"),
    [((), "plan", ["prod"]), (("tables.exist",), "plan", []), ((), "smoke", [])],
    ids=["each", "once", "another rung"],
)
def test_check_must_speak_in_each_environment(
    once: tuple[str, ...], rung: Rung, missed: list[str]
) -> None:
    """On plan and sandbox a pass in dev says nothing of prod, unless the criterion says so."""
    checks: dict[str, tuple[Rung, ...]] = {"tables.exist": (rung,)}
    criterion = replace(TABLES, rungs=(rung,), checks=checks, once=once)
    made = Results({"tables": criterion}, (rung,), environments=("dev", "prod"))
    made.proofs.expect(Proof(rung, "tables", rung, "tables.exist", "dev"))
    made.add(evidence(PASS, rung))
    cell = made.cell(criterion, rung)
    assert [silence.environment for silence in cell.missing] == missed
    assert cell.status == ("not run" if missed else "pass")
    assert made.exit_code() == (6 if missed else 0)


@pytest.mark.parametrize(
    ("demanded", "unselected", "left_out"),
    [(False, ["prod"], ["prod"]), (True, ["prod"], []), (False, [], [])],
    ids=["nothing demanded", "demanded", "all selected"],
)
def test_environment_of_which_nothing_is_demanded_proves_nothing(
    demanded: bool, unselected: list[str], left_out: list[str]
) -> None:
    """What the environment that was left out may demand is "not run"; the code stays 0."""
    made = Results(CRITERIA, ("plan",), environments=("dev",), unselected=unselected)
    made.proofs.expect(Proof("plan", "tables", "plan", "tables.exist", "dev"))
    nothing = Finding(PASS, "users", "HTTPS is not required here", demanded=False)
    other = Finding(PASS, "urls", "is there", demanded=demanded)
    made.add(evidence(PASS, findings=(nothing, other)))
    cell = made.cell(TABLES, "plan")
    assert [silence.environment for silence in cell.left_out] == left_out
    assert cell.status == ("not run" if left_out else "pass")
    assert made.exit_code() is ExitCode.PROVEN


def test_failure_outranks_what_is_missing() -> None:
    """A cell that fails and misses something fails; one with an unknown is not run."""
    for verdict, status in ((FAIL, "fail"), (ERROR, "error"), (UNKNOWN, "not run")):
        made = selected("one", "two")
        made.add(Evidence("tables", "plan", "one", "tables.exist", verdict, test="one"))
        assert made.cell(TABLES, "plan").status == status


FOUND = list(ExitCode)


@pytest.mark.parametrize("found", FOUND, ids=lambda code: code.name)
@pytest.mark.parametrize("pytests", [1, 2, 3, 4, 5, 7, 42])
def test_pytests_code_is_never_replaced_by_a_better_one(pytests: int, found: ExitCode) -> None:
    """Whatever the evidence says, a run that pytest does not call good is not proven."""
    code = final_code(pytests, found)
    assert code is not ExitCode.PROVEN
    if pytests in (2, 3, 4):
        assert code == pytests


@pytest.mark.parametrize("found", FOUND, ids=lambda code: code.name)
def test_good_end_of_pytests_is_what_was_found(found: ExitCode) -> None:
    """Where pytest has nothing to say, the evidence decides; but a file was not read is no end."""
    assert final_code(0, found) is found
    assert final_code(0, found, unread=True) is ExitCode.INTERRUPTED


def test_rungs_keep_the_ladders_order() -> None:
    """The rungs that were asked for stand in the order in which they are climbed."""
    assert results(asked=("smoke", "static", "plan")).asked == ("static", "plan", "smoke")
