"""What every test of the verifier keeps to: a warning is an error here."""

from __future__ import annotations

import pytest

# The last that matches decides.
_FILTERS = ("error", "ignore:datetime.datetime.utcnow:DeprecationWarning:pycognito")


def pytest_configure(config: pytest.Config) -> None:
    """Let no warning pass; the rungs themselves end at none."""
    for line in _FILTERS:
        config.addinivalue_line("filterwarnings", line)
