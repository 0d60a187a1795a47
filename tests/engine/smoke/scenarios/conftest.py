"""A small deployed world for the twins of a file; each works in a fork of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.smoke.scenarios.small import Base, furnish
from verification.engine.aws.emulator import EmbeddedAws


@pytest.fixture(name="base", scope="module")
def _base(empty_aws: EmbeddedAws) -> Iterator[Base]:
    """A world with a service that is deployed and has no tasks yet, and Terraform's outputs."""
    with empty_aws.fork() as world:
        yield world, furnish(world)
