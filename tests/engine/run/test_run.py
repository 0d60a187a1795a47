"""What a run keeps of its jobs, and what it closes at its end."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest

from tests.kit import HANG, REPOSITORY, TERRAFORM
from verification.engine.run.registry import Job, job
from verification.engine.run.run import Run
from verification.engine.rungs import plan, sandbox
from verification.model.contract import load_contract


@pytest.fixture(name="run")
def _run(tmp_path: Path) -> Run:
    contract = load_contract(REPOSITORY / "verification" / "contract.toml")
    return Run(TERRAFORM, contract, tmp_path / "reports", {})


@job
def named(run: Run, environment: str) -> str:
    """Give the environment's prefix."""
    return run.prefix(environment)


def test_a_job_has_one_result_for_each_environment(run: Run) -> None:
    """And its result is there as long as the run is."""
    assert run.get(named, "dev") == "file-sharing-app-dev"
    assert run.start(named, "dev") is run.start(named, environment="dev")
    assert run.get(named, "prod") == run.ended(named, "prod") == "file-sharing-app-prod"


def test_two_jobs_of_one_name_are_refused(run: Run) -> None:
    """The second would be given the first one's result."""
    other = Job(lambda run: 1, "named")
    run.start(named, "dev").result(HANG)
    with pytest.raises(ValueError, match="there are two jobs named"):
        run.get(other)


def test_what_came_last_is_closed_first(run: Run) -> None:
    """All is closed, also after something that could not be; what comes later, at once."""
    closed: list[str] = []

    def fail() -> None:
        raise OSError("it is gone already")

    run.at_end(lambda: closed.append("folder"))
    run.at_end(fail)
    run.at_end(lambda: closed.append("tasks"))
    run.close()
    assert closed == ["tasks", "folder"]
    run.at_end(lambda: closed.append("late"))
    assert closed == ["tasks", "folder", "late"]


def test_close_gives_up_on_what_hangs(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What never ends is named after a while, and the run goes on to its reports."""
    monkeypatch.setattr("verification.engine.run.run._LONGEST_CLOSE", 0.05)
    hanging = Event()
    run.at_end(hanging.wait)
    run.close()
    [left] = run.left_behind
    assert "did not end within 0 s: end the processes of this repository" in left
    hanging.set()


def test_plans_are_read_after_an_apply_has_begun() -> None:
    """`plan` may not import `sandbox`, whose job it waits for: the name is the same."""
    assert sandbox.applied.name == plan._APPLY
