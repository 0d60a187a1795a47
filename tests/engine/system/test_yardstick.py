"""The yardstick: how slow a machine is, and what waits longer on a slow one."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from verification.engine.system import yardstick
from verification.engine.system.yardstick import Yardstick, until


@pytest.fixture(name="made")
def _made() -> Iterator[list[Yardstick]]:
    made: list[Yardstick] = []
    yield made
    for one in made:
        one.stop()


def test_slowness_is_a_ratio(made: list[Yardstick]) -> None:
    """The same machine is a hundred times slower than one that needs a hundredth of the time."""
    made += [Yardstick(usual=1000.0), Yardstick(usual=1e-4)]
    fast, slow = (one.slowness() for one in made)
    assert fast == 1.0
    assert slow == 60.0


def test_the_worst_of_the_last_seconds_counts() -> None:
    """One slow moment slows the clock down for some measurements, and no longer."""
    one = Yardstick()
    one.stop()
    one._note(7.0)
    for _ in range(4):
        one._note(1.0)
    assert one.slowness() == 7.0
    one._note(1.0)
    assert one.slowness() == 1.0
    assert one.pace().worst >= 7.0


def test_it_ends_when_it_is_stopped(made: list[Yardstick]) -> None:
    """No process is left, also when it is stopped at once."""
    one = Yardstick()
    one.stop()
    assert one._process.returncode is not None
    assert one.slowness() >= 1.0


def test_waiting_lasts_longer_on_a_slow_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds pass a tenth as fast on a machine that is ten times slower; the last look counts."""
    now, factor = [0.0], [10.0]
    monkeypatch.setattr(yardstick, "slowness", lambda: factor[0])
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", lambda pause: now.append(now.pop() + pause))
    assert until(lambda: now[0] >= 9 and now[0], seconds=1, pause=0.5) == 9.0
    now[0] = 0.0
    # As fast as usual from the ninth second on, when a tenth of its time is left.
    assert until(lambda: now[0] >= 9 and factor.__setitem__(0, 1.0), seconds=1, pause=0.05) is None
    assert 9.05 < now[0] < 9.25
    assert until(lambda: "at once", seconds=0, pause=0.5) == "at once"


def test_all_share_one() -> None:
    """However many threads ask first, one process works."""
    yardstick.stop()
    threads = [threading.Thread(target=yardstick.slowness) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(yardstick._shared) == 1
    assert yardstick.pace().middle > 0
    yardstick.stop()
    assert yardstick.pace().middle == 1.0
