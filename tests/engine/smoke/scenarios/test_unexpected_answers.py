"""An answer with which a scenario cannot go on: a finding, or unknown on too slow a machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.smoke.scenarios.small import CONTRACT, Base, SmallRun, allow, broken
from verification.engine.aws.emulator import EmbeddedAws, Fault
from verification.engine.smoke import scenarios
from verification.engine.smoke.http_session import UnexpectedAnswer
from verification.engine.smoke.scenarios.links import links

pytestmark = pytest.mark.slow

SCENARIOS = Path(scenarios.__file__).parent


def told(run: SmallRun) -> UnexpectedAnswer:
    """What the scenario of links ends with."""
    with pytest.raises(UnexpectedAnswer) as caught:
        links(run, "dev")
    return caught.value


def without_put_item(world: EmbeddedAws) -> None:
    """Take one action from the task role."""
    allow(world, set(CONTRACT.access.actions) - {"dynamodb:PutItem"})


def slow_to_put(world: EmbeddedAws) -> None:
    """Answer each PutItem later than the backend waits for."""
    world.inject(Fault("dynamodb", "PutItem", code=None, delay_ms=2500))


def test_a_broken_backend_fails(base: Base, tmp_path: Path) -> None:
    """A route that raises is a failure, with request, status and error code."""
    head = "def create() -> tuple[Response, int]:\n"
    edits = {head: f"{head}    raise RuntimeError\n"}
    error = told(SmallRun(*base, tmp_path, broken(tmp_path / "image", "routes/links.py", edits)))
    text = "POST /api/links: the answer is 500 (internal_error); expected 201."
    assert str(error).startswith(text)
    assert not error.unknown


def test_a_refused_backend_fails(base: Base, tmp_path: Path) -> None:
    """A 503 at once is a failure: no call was slow."""
    error = told(SmallRun(*base, tmp_path, change=without_put_item))
    text = "POST /api/links: the answer is 503 (unavailable); expected 201."
    assert str(error).startswith(text)
    assert not error.unknown


def test_a_task_that_died_is_named(base: Base, tmp_path: Path) -> None:
    """Where the load balancer has nobody to ask, the reason is how the task ended.

    Its own answer may still have got through.
    """
    head = "def create() -> tuple[Response, int]:\n"
    kill = "    import os, signal\n\n    os.kill(os.getppid(), signal.SIGKILL)\n"
    edits = {head: f"{head}{kill}"}
    error = told(SmallRun(*base, tmp_path, broken(tmp_path / "image", "routes/links.py", edits)))
    assert ": the answer is 50" in str(error)
    assert "; a task stopped: " in str(error)
    assert not error.unknown


def test_a_slow_machine_cannot_tell(base: Base, tmp_path: Path) -> None:
    """A 503 after calls that took longer than the backend waits is unknown, with the figure."""
    error = told(SmallRun(*base, tmp_path, change=slow_to_put))
    text = "POST /api/links: the answer is 503 (unavailable); an AWS call took up to "
    assert str(error).startswith(text)
    assert error.unknown


def test_no_scenario_reads_json_without_the_status() -> None:
    """`Answer.read` names the status that it takes."""
    readers = [file.name for file in SCENARIOS.glob("*.py") if ".json()" in file.read_text("utf-8")]
    assert readers == []
