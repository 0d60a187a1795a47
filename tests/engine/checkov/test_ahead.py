"""Green today is green in a year: the ladder's first three rungs, with the clock set ahead."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.engine.checkov.ahead import AHEAD
from tests.kit import REPOSITORY, Outcome, verify
from verification.engine.aws.iam import action_catalogue
from verification.engine.checkov.register import read_register
from verification.engine.rungs.policy import OF_CHANGES

pytestmark = pytest.mark.slow

REGISTER = read_register(REPOSITORY / "policies")
RUNGS = ("static", "plan", "policy")


@pytest.fixture(scope="module")
def ahead(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A run of the suite's own command on this repository, 400 days from now."""
    folder = tmp_path_factory.mktemp("ahead")
    rungs = (f"verification/{rung}" for rung in RUNGS)
    return verify(folder / "reports", "-p", "tests.engine.checkov.ahead", *rungs)


def evidence(outcome: Outcome) -> list[dict[str, Any]]:
    """Everything that was found."""
    cells = (cell for c in outcome.results["criteria"] for cell in c["rungs"].values())
    return [one for cell in cells for one in cell["evidence"]]


def test_clock_was_set_ahead(ahead: Outcome) -> None:
    """For the run itself, and nothing else."""
    started = datetime.fromisoformat(ahead.results["started"])
    assert timedelta() <= datetime.now(UTC) + AHEAD - started < timedelta(hours=1)
    assert ahead.results["rungs"] == list(RUNGS)


def test_only_waivers_fail(ahead: Outcome) -> None:
    """Each fails as expired, and its finding is back; every other check passes as today."""
    failed = {
        (finding["address"], finding["message"].split()[0])
        for one in evidence(ahead)
        for finding in one["findings"]
        if finding["verdict"] == "fail"
    }
    expired = {(f"policies/waivers.yaml, {w.subject}", "it") for w in REGISTER.waivers}
    back = {(w.address, f"{w.rule}:") for w in REGISTER.waivers if w.rule not in OF_CHANGES}
    assert failed == expired | back
    assert [one["error"] for one in evidence(ahead) if one["verdict"] == "error"] == []
    assert ahead.code == (1 if REGISTER.waivers else 0)


def test_expired_waivers_are_named(ahead: Outcome) -> None:
    """In the output, with the day on which they ended."""
    for waiver in REGISTER.waivers:
        assert f"{waiver.subject}: it expired on {waiver.expires}" in ahead.output


def test_decisions_hold(ahead: Outcome) -> None:
    """They have no end."""
    decisions = ahead.results["policies"]["decisions"]
    assert len(decisions) == len(REGISTER.decisions) > 0
    assert all(decision["used"] for decision in decisions)


def test_what_is_old_is_a_warning(ahead: Outcome) -> None:
    """Reviews of decisions and the catalogue of AWS actions, in notes and in the terminal."""
    notes = ahead.results["notes"]
    [reviews] = [note for note in notes if "the last review of" in note]
    assert all(decision.rule in reviews for decision in REGISTER.decisions)
    [age] = [note for note in notes if "catalogue of AWS actions" in note]
    assert f"{(date.today() + AHEAD - action_catalogue.day()).days} days old" in age
    assert all(f"Note: {note}" in ahead.output for note in (reviews, age))


def test_waivers_end_on_different_days() -> None:
    """So that no one day turns everything red; none lasts longer than 90 days."""
    entries = {(w.rule, w.reason, w.expires) for w in REGISTER.waivers}
    assert len(entries) == len({w.expires for w in REGISTER.waivers})
    assert all(w.expires - w.reviewed <= timedelta(days=90) for w in REGISTER.waivers)
