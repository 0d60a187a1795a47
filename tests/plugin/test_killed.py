"""What SIGKILL ends, the run itself or what it needs, leaves nothing, and is told as it was."""

from __future__ import annotations

import os
import signal

import pytest

from tests.kit import HANG
from tests.plugin.runs import Watched
from verification.engine.system.temporary import RUN, WORLD

pytestmark = pytest.mark.slow


def test_killed_run_is_cleared_away(run: Watched) -> None:
    """What SIGKILL leaves ends by itself, and the next run removes its folders and says so."""
    with run.start() as process:
        run.await_plan()
        process.kill()
    run.await_nothing()
    left = run.left()
    assert [name[: name.rindex("-") + 1] for name in left] == [WORLD, RUN]
    again = Watched(run.folder, ("verification/static",))
    again.temporary = run.temporary
    with again.start() as process:
        assert process.wait(HANG) == 0, again.output
    said = f"Removed folders of killed runs from {run.temporary}: "
    assert f"{said}{', '.join(left[::-1])}." in again.document["notes"]
    assert run.left() == []


def test_lost_world_is_named(run: Watched) -> None:
    """A plan that fails because the embedded AWS was killed says so, and blames no file."""
    with run.start() as process:
        run.await_plan()
        world = run.emulator()
        os.kill(world, signal.SIGKILL)
        assert process.wait(HANG) == 3, run.output
    assert f"the embedded AWS stopped: its process {world} was killed or crashed" in run.output
    assert "providers.tf" not in run.output
    run.await_nothing()
    assert run.left() == []
