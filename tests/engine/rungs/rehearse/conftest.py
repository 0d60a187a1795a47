"""What several files here share: this repository's own stack as the base."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.rungs.rehearse.kit import start
from tests.kit import copy_terraform
from verification.engine.run.run import Run


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run over this repository's Terraform as it is."""
    folder = tmp_path_factory.mktemp("whole")
    run = start(copy_terraform(folder), folder)
    yield run
    run.close()
