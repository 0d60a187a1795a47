"""A plugin that sets the clock of a run ahead: `-p tests.engine.checkov.ahead`."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

AHEAD = timedelta(days=400)
"""How far. Every waiver has expired then, and every review is more than a year old."""
_JOURNEY = time_machine.travel(datetime.now(UTC) + AHEAD)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Leave before anything of the suite is imported."""
    _JOURNEY.start()


def pytest_unconfigure() -> None:
    """Come back."""
    _JOURNEY.stop()
