"""The report decides once what every writer tells: the verdict, the problems, what comes first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine.report import kit
from tests.engine.report.kit import BAD, FAILED, GOOD, PASSED, evidence, red, report
from verification.engine.report.problems import Place, Problem
from verification.engine.report.report import CriterionReport, Report
from verification.model.proofs import UNRUN, UNSELECTED, Silence
from verification.model.results import Cell, ExitCode

NOTHING = report()
BROKE = ["No disk. Free some.", *["restore broke in dev: it was cut off.\nMore."] * 2, "x"]


def errors(*messages: str) -> Report:
    """The report of a run with these errors."""
    return report(*(evidence("encryption", "plan", error=error) for error in messages))


def part(count: int) -> Report:
    """The report of a partial run that left out so many criteria."""
    left = Cell("not run", left_out=(Silence("check", "", UNSELECTED),))
    found = (
        CriterionReport(kit.criterion(f"criterion-{n}", "plan"), {"plan": left})
        for n in range(count)
    )
    return Report(kit.FACTS, ExitCode.PROVEN, ("plan",), tuple(found))


def silent(**why: str) -> tuple[Problem, ...]:
    """The problems of a run in which checks did not speak, each for a reason."""
    missing = tuple(Silence(check, "dev", reason) for check, reason in why.items())
    cells = {"plan": Cell("not run", missing=missing)}
    return replace(FAILED, criteria=(CriterionReport(kit.CRITERIA[0], cells),)).problems


def test_verdict() -> None:
    """One sentence names what failed, what broke, what is missing and what was left out."""
    assert PASSED.verdict == "All criteria of the selected rungs are proven. (exit code 0)"
    assert kit.INTERRUPTED.verdict == "Interrupted. (exit code 2)"
    assert FAILED.verdict == (
        "Failed: encryption. Error: terraform apply dev failed: Error: creating table: "
        "LimitExceededException. Not yet verified: monitoring. (exit code 1)"
    )
    some = report(evidence("encryption", "plan", BAD), asked=("plan",))
    assert some.verdict == "Failed: encryption. Not run: tables-created, monitoring. (exit code 1)"
    assert part(8).verdict == (
        "All selected tests passed; left out: criterion-0, criterion-1, criterion-2, "
        "criterion-3, criterion-4 and 3 more. (exit code 0)"
    )


@pytest.mark.parametrize("code", list(ExitCode), ids=lambda code: code.name)
def test_every_end_has_its_words(code: ExitCode) -> None:
    """However a run ends, its verdict is one line that says so with the exit code.

    It names what is not proven, but for a run that never got so far as to judge.
    """
    verdict = replace(NOTHING, code=code).verdict
    assert verdict.endswith(f"(exit code {int(code)})")
    assert "\n" not in verdict
    judged = code not in (ExitCode.USAGE, ExitCode.NOTHING_SELECTED, ExitCode.INTERRUPTED)
    assert ("Not run: " in verdict) == ("Not yet verified: monitoring. " in verdict) == judged
    assert ("All criteria" in verdict) == (code is ExitCode.PROVEN)


@pytest.mark.parametrize("code", [ExitCode.TOOL_ERROR, ExitCode.ENVIRONMENT_UNAVAILABLE])
def test_what_broke_is_named(code: ExitCode) -> None:
    """The verdict tells the error of most tests in its first sentence, not the code's words."""
    verdict = replace(errors(*BROKE), code=code).verdict
    assert verdict.startswith("restore broke in dev: it was cut off (and 2 more). ")
    long = replace(errors("word " * 1000), code=code).verdict
    assert len(long.partition(". Not run: ")[0]) < 300


def test_problems_are_told_once_and_worst_first() -> None:
    """Each has its verdict, thing, words and remedy, and every place where it shows."""
    assert [one.verdict for one in FAILED.problems] == ["fail", "error", "not run", "unknown"]
    assert FAILED.problems[0] == Problem(
        *("fail", BAD.address, BAD.source, BAD.message, BAD.remedy),
        places=(Place("encryption", "plan", "dev"),),
        tests=1,
    )
    again = [evidence("encryption", "plan", BAD, environment=name) for name in ("dev", "prod")]
    first, *others = red(*again).problems
    assert [place.environment for place in first.places] == ["dev", "prod"]
    assert (first.tests, len(others)) == (3, 3)


def test_silence_of_a_selection_is_one_problem() -> None:
    """Checks that were not selected or did not run are one each; another reason is told."""
    found = silent(a=UNSELECTED, b=UNSELECTED, c=UNRUN, d="was skipped: no disk")
    assert [(one.address, one.tests) for one in found] == [("", 2), ("", 1), ("d", 1)]
    assert [bool(one.remedy) for one in found] == [True, False, False]
    assert found[2].message == "was skipped: no disk"


def test_unknown_that_was_decided_is_no_problem() -> None:
    """What a later rung proved of the same check is open no longer; else it stays."""
    (unknown,) = (one for one in FAILED.problems if one.verdict == "unknown")
    assert unknown.places == (Place("monitoring", "plan", "dev"),)


@pytest.mark.parametrize("decided", [True, False])
def test_unknown_policy_is_decided_by_its_criterion(decided: bool) -> None:
    """Another check of a later rung decides a policy; another criterion's does not."""
    later = evidence("encryption" if decided else "tables-created", "sandbox", GOOD)
    policy = replace(evidence("encryption", "policy", kit.OPEN), check="policy.CKV_FSP_1")
    found = report(policy, later)
    assert (policy in found.decided) == decided
    assert ("unknown" in [one.verdict for one in found.problems]) != decided


def test_proven_criteria() -> None:
    """Those that are proven on each selected rung, and the number of things examined."""
    assert PASSED.proven == ["tables-created", "encryption", "monitoring"]
    assert (PASSED.wrong, PASSED.examined) == (frozenset(), 10)
    assert FAILED.proven == ["tables-created", "security-rules"]
    assert FAILED.wrong == {"encryption", "monitoring"}
    assert (part(1).proven, report().proven) == ([], [])


def test_worst_criterion_is_first() -> None:
    """Failed, not run, unknown, waived: others keep their order."""
    found = [one.criterion.id for one in FAILED.worst_first]
    assert found == ["encryption", "monitoring", "tables-created", "security-rules"]


def test_only_rungs_that_were_asked_for_are_shown() -> None:
    """Of these, those on which something must be proven, and the criteria that they prove."""
    found = report(asked=("static", "policy", "rehearse"))
    assert found.rungs == ["static", "policy"]
    shown = [one.criterion.id for one in found.shown]
    assert shown == ["encryption", "monitoring", "security-rules"]


def test_open_policies_fail_or_are_unknown() -> None:
    """What a later rung decided is open no longer."""
    assert [result.verdict for result in FAILED.open_results] == ["fail", "unknown"]
    decided = replace(FAILED, decided=frozenset(FAILED.open_results[1:]))
    assert [result.verdict for result in decided.open_results] == ["fail"]
    assert PASSED.open_results == []
