"""One small deployed world for all twins; each works in a fork of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.smoke.scenarios.small import Base, start


@pytest.fixture(name="base", scope="package")
def _base() -> Iterator[Base]:
    """A world with a service that is deployed and has no tasks yet, and Terraform's outputs."""
    world, outputs = start()
    yield world, outputs
    world.stop()
