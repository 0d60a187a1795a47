"""A list that an index writes late is read until it rests, however slow the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count

import pytest

from verification.engine.smoke.scenarios.helpers import settled

LAG = 0.3


@pytest.mark.parametrize("seconds", [(0.0, 0.0), (0.0, 0.7), (0.7, 0.0)], ids=str)
def test_an_answer_is_as_old_as_its_question(seconds: tuple[float, ...]) -> None:
    """What was asked before the index had it is not taken, even if answered long after."""
    assert settled(_late(seconds)) == "new"


def _late(seconds: tuple[float, ...]) -> Callable[[], str]:
    """A read of an index; the first ones take some seconds, and answer as of their beginning."""
    written, asked = time.monotonic(), count()

    def read() -> str:
        found = "new" if time.monotonic() - written > LAG else "old"
        number = next(asked)
        time.sleep(seconds[number] if number < len(seconds) else 0)
        return found

    return read
