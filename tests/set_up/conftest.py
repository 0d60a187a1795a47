"""A small checkout for each test, and the real uv to set it up with."""

from __future__ import annotations

from pathlib import Path

import pytest

from requirements.environments import bring_uv
from tests.set_up.kit import Checkout, checkout


@pytest.fixture(scope="session")
def _uv() -> None:
    """The repository's own uv, which `make test` need not have used."""
    bring_uv()


@pytest.fixture(name="small")
def _small(_uv: None, tmp_path: Path) -> Checkout:
    return checkout(tmp_path)
