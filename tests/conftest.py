"""What every test of the verifier keeps to: a warning is an error here, and Ctrl-C is heard."""

from __future__ import annotations

import signal

import pytest

# The last that matches decides.
_FILTERS = ("error", "ignore:datetime.datetime.utcnow:DeprecationWarning:pycognito")


def pytest_configure(config: pytest.Config) -> None:
    """Let no warning pass; the rungs themselves end at none.

    A shell lets what it starts in the background ignore SIGINT, and children would inherit that:
    tests send it to them.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for line in _FILTERS:
        config.addinivalue_line("filterwarnings", line)
