"""A run that SIGKILL ends leaves nothing for long."""

from __future__ import annotations

from tests.kit import HANG
from tests.plugin.runs import Watched
from verification.engine.system.temporary import RUN, WORLD


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
    said = f"Removed from {run.temporary} what a killed run had left: "
    assert f"{said}{', '.join(left[::-1])}." in again.document["notes"]
    assert run.left() == []
