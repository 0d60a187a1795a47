"""What several files here share: this repository's own stack as the base."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.rungs.rehearse.kit import contract
from tests.kit import copy_terraform
from tests.sharing import run_in
from verification.engine.aws.emulator import EmbeddedAws
from verification.engine.run.run import Run


@pytest.fixture(scope="session")
def whole(empty_aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run over this repository's Terraform as it is."""
    folder = tmp_path_factory.mktemp("whole")
    run = run_in(empty_aws, copy_terraform(folder), contract(), folder / "reports")
    yield run
    run.close()
